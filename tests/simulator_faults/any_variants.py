"""Any subset of the ways in which the real API may differ from the documented one."""

from hypothesis import strategies as st

from app.simulator.variants import ENVELOPES, PAGINGS, Variants

any_variants = st.builds(
    Variants,
    percent_as_fraction=st.booleans(),
    snake_case_stages=st.booleans(),
    fetch_documents=st.booleans(),
    jobs=st.booleans(),
    html_404=st.booleans(),
    envelope=st.sampled_from(ENVELOPES),
    paging=st.sampled_from((None, *PAGINGS)),
    page_size=st.integers(1, 5),
    list_error=st.sampled_from((None, None, 401, 403)),
    cancel_error=st.sampled_from((None, 401, 403)),
    documents=st.booleans(),
    expired_links=st.integers(0, 1),
    expired_link_status=st.sampled_from((403, 404)),
)
