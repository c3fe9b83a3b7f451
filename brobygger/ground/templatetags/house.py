"""Words every page may use: the language of a text, days and hours as people say them, drawings, the other language."""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from django import template
from django.conf import settings
from django.template import Context
from django.urls import translate_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info

from brobygger.ground import clock, rules

register = template.Library()
PICTURES = Path(__file__).resolve().parent.parent / "templates" / "ground" / "pictures"


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.filter
def said(value: object) -> str:
    """Pick the reader's language from {"da": …, "en": …}."""
    return rules.pick(value, _language())


@register.filter
def in_language(code: str) -> str:
    """Name a language in the reader's own: "Ukrainian"; what nobody has a code for stands as it was written."""
    named = str(Locale.parse(_language().replace("-", "_")).languages.get(code, code))
    return named[:1].upper() + named[1:]


@register.filter
def say_when(moment: datetime | None) -> str:
    """Say a moment: "i morgen, mandag, kl. 14.05"."""
    return rules.say_when(clock.local(moment), clock.local(clock.now()), _language()) if moment else ""


@register.filter
def say_by(moment: datetime | None) -> str:
    """Say a promise: "i morgen, mandag, inden kl. 14.05"."""
    return rules.say_by(clock.local(moment), clock.local(clock.now()), _language()) if moment else ""


@register.filter
def say_day(day: date | datetime | None) -> str:
    """Say a day: "torsdag den 3. december"."""
    if not day:
        return ""
    return rules.say_day(clock.local(day).date() if isinstance(day, datetime) else day, clock.today(), _language())


@register.filter
def say_clock(moment: datetime | None) -> str:
    """Say an hour: "14.05"."""
    return rules.say_clock(clock.local(moment), _language()) if moment else ""


@register.filter
def say_left(until: datetime | timedelta | None) -> str:
    """Say how long there is to a moment: "3 t 20 min"."""
    if until is None:
        return ""
    return rules.say_left(until - clock.now() if isinstance(until, datetime) else until, _language())


@register.filter
def in_groups(key: str | None) -> list[str]:
    """Cut a key into its groups, to show one by one."""
    return rules.groups(key or "")


@register.filter
def grouped(key: str | None) -> str:
    """Write a key on one line: "X49B-2QPH-13R1-M027"."""
    return "-".join(rules.groups(key or ""))


@register.simple_tag
def picture(name: str, label: str = "") -> SafeString:
    """Draw one of the house's pictures; without a label it is decoration and says nothing to a screen reader."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return mark_safe(_drawing(name).replace("<svg", f"<svg {role}", 1))


@cache
def _drawing(name: str) -> str:
    """Read a drawing once. It is part of the program, so it needs no escaping."""
    return (PICTURES / f"{name}.svg").read_text(encoding="utf-8").strip()


@register.simple_tag(takes_context=True)
def other_language(context: Context) -> SafeString:
    """Link to this same page in each other language. What stood after "?" stays behind: it may be somebody's words."""
    request: Any = context.get("request")
    if request is None:
        return mark_safe("")
    others = [code for code, _name in settings.LANGUAGES if code != _language()]
    return format_html_join(
        " ",
        '<a href="{0}" hreflang="{1}" lang="{1}" rel="alternate">{2}</a>',
        ((_same_page(request.path, code), code, _own_name(code)) for code in others),
    )


def _same_page(path: str, code: str) -> str:
    """Find a page's address in another language; a page that is nowhere gets that language's front page."""
    there = translate_url(path, code)
    if there != path:
        return there
    return "/" if code == settings.LANGUAGE_CODE else f"/{code}/"


def _own_name(code: str) -> str:
    """Name a language as those who speak it do."""
    return str(get_language_info(code)["name_local"]).capitalize()
