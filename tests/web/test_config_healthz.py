import pytest


@pytest.mark.django_db
def test_health_page_answers_without_sign_in(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
