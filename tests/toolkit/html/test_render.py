from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from flask import flash, g
from jinja2 import UndefinedError
from werkzeug.datastructures import MultiDict

from cellbank.core.errors import Message
from cellbank.toolkit.html.forms import fields_of
from cellbank.toolkit.html.render import render, static_url
from cellbank.toolkit.i18n.bidi import Code
from tests.toolkit.html.gallery import FreezeVials


def test_a_browser_gets_the_page_and_htmx_the_block_it_aims_at(client):
    whole = client.get("/form").text
    part = client.get("/form", headers={"HX-Request": "true", "HX-Target": "freeze"}).text
    assert "<html" in whole
    assert "<html" not in part
    assert part.strip().startswith("<form")


def test_htmx_gets_the_page_when_no_block_has_that_name(client):
    assert "<html" in client.get("/form", headers={"HX-Request": "true", "HX-Target": "elsewhere"}).text


def test_every_script_carries_the_nonce_of_its_own_answer_and_nothing_is_inline(client):
    first, second = client.get("/"), client.get("/")
    nonces = [
        re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1]
        for answer in (first, second)
    ]
    assert nonces[0] != nonces[1]
    scripts = re.findall(r"<script[^>]*>", first.text)
    assert scripts
    assert all(f'nonce="{nonces[0]}"' in script for script in scripts)
    assert not re.search(r"<script[^>]*>[^<]", first.text)


@pytest.mark.parametrize("page", ["/", "/vial", "/box", "/line", "/bench", "/form", "/pieces"])
def test_no_page_has_inline_styles_or_handlers(client, page):
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", client.get(page).text)


def test_pages_are_never_cached_and_versioned_files_always(client, app):
    with app.test_request_context():
        address = static_url("css/tokens.css")
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/older/css/tokens.css").headers.get("Cache-Control", "")


def test_a_file_outside_of_the_static_folders_is_not_served(client):
    assert client.get("/static/x/../render.py").status_code == 404
    assert client.get("/static/x/%2e%2e/render.py").status_code == 404


def test_a_name_nobody_gave_is_an_error_and_not_an_empty_place(app):
    with app.test_request_context(), pytest.raises(UndefinedError):
        render("gallery/box.html")


def test_what_people_typed_is_escaped(app):
    with app.test_request_context():
        page = render(
            "layout/errors.html", status=409, message=Message("{what}!", {"what": "<b>x</b>"}), detail=""
        )
    assert "&lt;b&gt;x" in page


def test_a_code_is_isolated_and_in_the_groups_people_read(client):
    assert '<bdi dir="ltr">CV 7K3M 9QX 2</bdi>' in client.get("/vial?locale=fa").text


def test_a_message_waits_in_the_cookie_and_is_said_in_the_readers_language(app):
    @app.post("/told")
    def told() -> str:
        flash(Message("Copy {code}", {"code": Code("C5")}), "ok")  # type: ignore[arg-type]
        return ""

    client = app.test_client()
    client.post("/told")
    page = client.get("/?locale=fa").text
    assert 'کپی <bdi dir="ltr">C5</bdi>' in page


def test_language_direction_and_calendar_stand_on_the_page(client):
    assert (
        '<html lang="fa" dir="rtl" data-theme="dark" data-calendar="jalali">'
        in client.get("/?locale=fa&theme=dark").text
    )
    assert '<html lang="en" dir="ltr" data-theme="auto" data-calendar="gregorian">' in client.get("/").text


def test_a_page_of_the_site_replaces_ours(tmp_path):
    from flask import Flask

    from cellbank.toolkit.html.render import init_app

    (tmp_path / "layout").mkdir()
    (tmp_path / "layout" / "errors.html").write_text("the site's own words")
    app = Flask("site", static_folder=None)
    init_app(app, {}, override=tmp_path)
    with app.test_request_context():
        g.locale = "en"
        assert render("layout/errors.html", status=404, message=None, detail="") == "the site's own words"


def command_form(app, **more):
    context = {
        "about": (),
        "command": SimpleNamespace(label="Close"),
        "title": "Close",
        "intro": None,
        "fields": fields_of(FreezeVials),
        "typed": MultiDict({"vials": "900", "comment": "<thin>"}),
        "errors": {},
        "saw": ["line:0192=4"],
        "back": "/lines",
        "needs_reason": False,
    }
    with app.test_request_context():
        g.csrf_token = "token"
        return render("layout/form.html", **(context | more))


def test_a_commands_form_carries_what_a_safe_write_needs(app):
    page = command_form(app)
    assert '<input type="hidden" name="csrf_token" value="token">' in page
    assert '<input type="hidden" name="seen" value="line:0192=4">' in page
    keys = [re.search(r'name="key" value="(\w{32})"', text)[1] for text in (page, command_form(app))]
    assert keys[0] != keys[1]


def test_a_form_with_errors_keeps_what_was_typed_and_says_what_is_wrong_beside_it(app):
    page = command_form(
        app,
        errors={
            "vials": Message("{field}: {most} at most.", {"field": "Vials", "most": 500}),
            "": Message("Refused"),
        },
    )
    assert 'value="900"' in page
    assert "&lt;thin&gt;" in page
    assert re.search(r'name="vials"[^>]*aria-invalid="true"[^>]*aria-describedby="f-vials-error"', page)
    assert "<bdi>500</bdi>" in page or '<bdi dir="ltr">500</bdi>' in page
    assert '<div class="form-error" role="alert">' in page


def test_a_reason_is_asked_for_openly_only_where_the_act_needs_one(app):
    asked = re.compile(r'name="reason"[^>]*required')
    assert asked.search(command_form(app, needs_reason=True))
    assert not asked.search(command_form(app))
