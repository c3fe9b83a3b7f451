"""The sign-in forms in our own words; what they do is allauth's."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AuthenticateAgainForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from brobygger.access import guessing, services

#: Says what went wrong with words that suit a door that stayed shut.
DRAWN_BY = "access/form.html"


def _plain(field: forms.Field, label: Any, **attrs: str) -> None:
    """Give a field our label and no text inside it: what stands inside a box is gone when somebody needs it."""
    field.label = label
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


def _code(field: forms.Field, label: Any) -> None:
    """Ask for a code with the number keys, and let the phone fill it in."""
    _plain(field, label, inputmode="numeric", autocomplete="one-time-code", autofocus="autofocus", size="8")


class SignIn(LoginForm):
    """E-mail and password: the first step."""

    template_name = DRAWN_BY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the fields."""
        super().__init__(*args, **kwargs)
        _plain(self.fields["login"], _("Your work e-mail"), autocomplete="username")
        _plain(self.fields["password"], _("Password"))


class _Slowly:
    """Counts wrong codes as wrong passwords are counted."""

    def clean_code(self) -> str:
        """Check a code, slowly when there were many wrong ones."""
        user = self.user  # type: ignore[attr-defined]
        with guessing.one_guess(context.request, "code", str(user.pk), user):
            try:
                return super().clean_code()  # type: ignore[misc]
            except forms.ValidationError:
                services.note_wrong_code(user=user, by="nobody")
                raise


class Code(_Slowly, AuthenticateForm):
    """The code from the phone: the second step."""

    template_name = DRAWN_BY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the field."""
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("The six digits from your phone"))


class CodeAgain(_Slowly, AuthenticateAgainForm):
    """The code from the phone, asked for once more."""

    template_name = DRAWN_BY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the field."""
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("The six digits from your phone"))


class PasswordAgain(ReauthenticateForm):
    """The password, asked for once more."""

    template_name = DRAWN_BY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the field."""
        super().__init__(*args, **kwargs)
        _plain(self.fields["password"], _("Password"), autofocus="autofocus")


class FirstCode(ActivateTOTPForm):
    """The first code from a phone that was just set up."""

    template_name = DRAWN_BY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the field."""
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("The six digits your phone shows now"))


class NewPasskey(AddWebAuthnForm):
    """A passkey: what it is called, and what the phone or key answered. It always asks for the finger, face or code."""

    template_name = DRAWN_BY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the field."""
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        _plain(self.fields["name"], _("What you call it"))
        self.fields["name"].help_text = _("For example: my work phone.")
        self.fields["name"].max_length = 40


class NewPassword(ChangePasswordForm):
    """A new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word the fields."""
        super().__init__(*args, **kwargs)
        _plain(self.fields["oldpassword"], _("The password you have now"))
        _plain(self.fields["password1"], _("New password"))
        _plain(self.fields["password2"], _("New password once more"))
        self.fields["password1"].help_text = _("At least 12 characters. Three or four words in a row are fine.")
