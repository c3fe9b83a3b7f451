"""The line for a call, wherever somebody who may take one stands: `{% load calls %}{% call_line %}`."""

from typing import Any

from django import template
from django.template import Context

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.intake import calls, forms

register = template.Library()


@register.inclusion_tag("intake/call_form.html", takes_context=True)
def call_line(context: Context) -> dict[str, Any]:
    """Show a fresh line to be filled in while somebody talks; it is sent to `intake:call`."""
    user = context["request"].user
    form = forms.Call(answers=may(user, Permission.ANSWER), auto_id="call_%s")
    return {"form": form, "token": calls.new_page(user).sealed(), "csrf_token": context.get("csrf_token")}
