"""Take over one version of a scheme's terms."""

from app.db.schemes import SchemeVersion, add_version, versions
from app.db.session import Tx
from app.domain.canonical import digest
from app.domain.errors import Fault, TermsInvalid
from app.domain.terms import Terms
from app.domain.terms_checks import check_terms


async def load_scheme(tx: Tx, terms: Terms) -> SchemeVersion:
    """Store a version once and for ever; the same terms again are the version that is there.

    Raises TermsInvalid when the terms contradict themselves, other terms bear this version's name,
    a version holds on one of its days, or the scheme was of the other kind: policies and decisions
    rest on what is stored.
    """
    faults = check_terms(terms)
    if faults:
        raise TermsInvalid(*faults)
    await add_version(tx, terms)
    known = await versions(tx, terms.scheme_code)
    found = next((version for version in known if version.version == terms.version), None)
    if found is None:
        raise _refused(
            "/effective_from", "有效期与已有版本重叠", "its days overlap another version"
        )
    if found.terms_sha256 != digest(terms):
        raise _refused(
            "/version", "此版本已有不同内容的条款，请用新的版本号", "the version has other terms"
        )
    if found.kind != terms.kind.value:
        raise _refused("/kind", "项目的性质（保险或基金）不能更改", "a scheme keeps its kind")
    return found


def _refused(pointer: str, message_zh: str, message_en: str) -> TermsInvalid:
    return TermsInvalid(Fault(pointer, "terms.invalid", message_zh, message_en))
