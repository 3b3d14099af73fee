import re

import rooms
from secondread.serve import app


def test_every_answer_forbids_scripts_from_elsewhere_and_in_the_page(room):
    visitor = rooms.visitor(room)
    for path in ("/", "/static/theme.css", "/nowhere"):
        headers = visitor.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_browser_without_a_session_is_shown_the_way_in_and_a_program_is_told(room):
    visitor = rooms.visitor(room)
    page = visitor.get("/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/")
    assert visitor.get("/").status_code == 401


def test_a_page_that_is_not_there_says_so_in_the_language_of_the_browser(room):
    answer = rooms.visitor(room).get("/nowhere", headers={"accept": "text/html", "accept-language": "ko"})
    assert answer.status_code == 404
    assert "페이지를 찾을 수 없습니다" in answer.text


def test_no_page_or_script_names_another_server():
    for file in [*app.STATIC.rglob("*"), *(app.STATIC.parent / "pages" / "templates").rglob("*.html")]:
        if file.suffix in {".html", ".css", ".js", ".svg"}:
            links = re.findall(r"https?://[^\s\"')]+", file.read_text(encoding="utf-8"))
            assert [link for link in links if not link.startswith("http://www.w3.org/")] == [], file.name
