"""How every form of the house is drawn: errors on top and at the field, big targets, help before the box."""

from django.forms.renderers import DjangoTemplates


class HouseRenderer(DjangoTemplates):
    """Draw `{{ form }}` and `{{ field.as_field_group }}` with the house's own templates."""

    form_template_name = "ground/forms/form.html"
    field_template_name = "ground/forms/field.html"
    formset_template_name = "ground/forms/formset.html"
