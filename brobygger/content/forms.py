"""One question: on which day was it sent?"""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.ground import clock

#: Further away than this, a day is a slip of the finger.
FARTHEST = timedelta(days=366)


class SentOn(forms.Form):
    """Ask for a day, as a phone or a person writes it; nothing else is taken."""

    sent = forms.DateField(
        label=_("Which day did you send it?"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y"],
        error_messages={
            "invalid": _("Write the day like this: 2.3.2026."),
            "required": _("Choose the day you sent it, or the day you will."),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}),
    )

    def clean_sent(self) -> date:
        """Refuse a day that is more than a year away."""
        sent: date = self.cleaned_data["sent"]
        if abs(sent - clock.today()) > FARTHEST:
            raise forms.ValidationError(_("That day is more than a year away. Look at the year again."))
        return sent
