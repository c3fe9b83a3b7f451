"""The addresses of the reports."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import partner, staff

app_name = "reports"
urlpatterns = [
    path(_("reports/"), staff.start, name="start"),
    path(_("reports/agreements/"), staff.agreements, name="agreements"),
    path(_("reports/agreements/<uuid:agreement>/end/"), staff.end_agreement, name="end_agreement"),
    path(_("reports/evaluator/"), staff.evaluator, name="evaluator"),
    path(_("reports/<uuid:report>/"), staff.report, name="report"),
    path(_("reports/<uuid:report>/words/"), staff.write, name="write"),
    path(_("reports/<uuid:report>/release/"), staff.release, name="release"),
    path(_("reports/<uuid:report>/again/"), staff.again, name="again"),
    path(_("reports/<uuid:report>/discard/"), staff.discard, name="discard"),
    path(_("reports/<uuid:report>/pdf/"), staff.pdf, name="pdf"),
    path(_("reports/<uuid:report>/data.<str:form>"), staff.data, name="data"),
    path(_("reports/<uuid:report>/<str:table>/<int:row>/<int:column>/"), staff.figure, name="figure"),
    path(_("partner/"), partner.front, name="partner"),
    path(_("partner/<uuid:report>/"), partner.sheet, name="sheet"),
    path(_("partner/<uuid:report>/comments/"), partner.comment, name="comment"),
]
