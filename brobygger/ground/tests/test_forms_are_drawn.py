"""One renderer: errors on top and at the field, help tied to the box, choices as big targets."""

import re

import pytest
from django import forms

from brobygger.ground.forms import HouseRenderer


class Wish(forms.Form):
    """A small form with one field of each kind."""

    default_renderer = HouseRenderer

    how = forms.ChoiceField(label="How?", choices=[("call", "Call"), ("come", "Come")], widget=forms.RadioSelect)
    text = forms.CharField(label="What?", widget=forms.Textarea, help_text="As little as you like")
    phone = forms.CharField(label="Phone", required=False)
    ok = forms.BooleanField(label="Leave a word", required=False)
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        """Refuse one word for the whole form."""
        if self.data.get("phone") == "<b>":
            raise forms.ValidationError("Not like that")
        return self.cleaned_data


@pytest.fixture
def right() -> dict[str, str]:
    return {"how": "call", "text": "hello", "token": "t"}


def test_a_fresh_form_has_no_errors_and_every_box_has_its_words() -> None:
    page = str(Wish())
    assert 'role="alert"' not in page and "aria-invalid" not in page
    assert re.search(r'<label for="id_text">What\?', page)
    assert 'aria-describedby="id_text_helptext"' in page and 'id="id_text_helptext"' in page
    assert page.count('<label class="choice">') == 3
    assert "<fieldset" in page and "<legend>How?" in page
    assert page.count('class="optional"') == 1
    assert '<input type="hidden" name="token"' in page


def test_a_missing_answer_is_said_on_top_and_at_the_field(right: dict[str, str]) -> None:
    page = str(Wish({**right, "how": "", "text": ""}))
    assert page.index('role="alert"') < page.index("id_text")
    assert '<a href="#id_text">' in page and '<a href="#id_how_0">' in page
    assert 'id="id_how_0"' in page
    assert 'aria-describedby="id_text_helptext id_text_error"' in page and 'id="id_text_error"' in page
    assert re.search(r'<fieldset class="field wrong" aria-describedby="id_how_error"', page)


def test_what_was_typed_comes_back_and_is_escaped(right: dict[str, str]) -> None:
    page = str(Wish({**right, "phone": "<b>", "text": "</textarea><script>"}))
    assert "Not like that" in page and 'value="&lt;b&gt;"' in page
    assert "<script>" not in page


def test_nothing_drawn_needs_an_inline_style_or_script(right: dict[str, str]) -> None:
    page = str(Wish({**right, "how": ""}))
    assert "style=" not in page and "<script" not in page and " on" not in re.sub(r">[^<]*<", "><", page)
