"""What the small scripts do, in a real Chromium."""

import pytest

pytestmark = pytest.mark.browser


def test_enter_that_chooses_a_word_does_not_submit_but_the_next_one_does(look) -> None:
    page = look()
    page.focus("[data-find]")
    client = page.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "shuyebeng", "selectionStart": 9, "selectionEnd": 9})
    before = page.url
    # What Chromium sends while an input method is at work: key code 229.
    client.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    )
    client.send("Input.dispatchKeyEvent", {"type": "char", "key": "Enter", "text": "\r", "windowsVirtualKeyCode": 13})
    page.wait_for_timeout(150)
    assert page.url == before
    client.send("Input.insertText", {"text": "输液泵"})
    page.wait_for_timeout(60)
    assert page.input_value("[data-find]") == "输液泵"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "q=%E8%BE%93%E6%B6%B2%E6%B3%B5" in page.url


def test_a_shortcut_is_off_while_typing_and_works_elsewhere(look) -> None:
    page = look()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("a/b?")
    assert page.input_value("[data-find]") == "a/b?"
    page.keyboard.press("Escape")
    assert page.input_value("[data-find]") == ""
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.is_visible("#keys-dialog")


def test_single_keys_can_be_switched_off(look) -> None:
    page = look()
    page.keyboard.press("?")
    page.uncheck("[data-single-keys]")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") != "q"


def test_the_theme_switch_is_remembered_by_the_server(look) -> None:
    page = look()
    page.click(".bar [data-theme-switch]:visible")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.get_attribute("html", "data-theme-follows") is None


def test_the_language_switch_changes_the_page_and_is_remembered(look) -> None:
    page = look()
    assert page.text_content("h1") == "界面样张"
    page.click("button[aria-label='EN: switch to English']")
    assert page.text_content("h1") == "Pattern page"
    page.goto(page.url)
    assert page.get_attribute("html", "lang") == "en"


def test_rows_are_selected_one_by_one_by_range_and_all(look) -> None:
    page = look()
    boxes = page.locator("tbody input[type=checkbox]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert page.text_content("[data-chosen-count]") == "3"
    page.click("[data-select-all]")
    assert page.text_content("[data-chosen-count]") == "6"
    page.click("[data-select-none]")
    assert not page.is_visible("[data-chosen]")


def test_arrows_walk_through_a_list_and_x_selects(look) -> None:
    page = look()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("[...document.querySelectorAll('tbody tr')].indexOf(document.activeElement)") == 1
    page.keyboard.press("x")
    assert page.text_content("[data-chosen-count]") == "1"


def test_columns_are_chosen_and_remembered(look) -> None:
    page = look()
    page.click("details.menu summary:has-text('列')")
    page.uncheck("input[name=column][value=code]")
    page.click("button:has-text('按此显示')")
    heads = page.locator("thead th").all_text_contents()
    assert not any("档号" in head for head in heads)
    assert any("题名" in head for head in heads)


def test_tabs_follow_the_arrows(look) -> None:
    page = look()
    page.focus("#tab-a")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#panel-b")
    assert not page.is_visible("#panel-a")


def test_unsaved_changes_are_asked_about(look) -> None:
    page = look()
    page.fill("#id_title", "改了")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.assign('/sign-in/')")
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.input_value("#id_title") == "改了"


def test_files_dropped_anywhere_reach_the_drop_zone(look) -> None:
    page = look()
    page.evaluate(
        """() => {
          window.got = [];
          document.querySelector("[data-dropzone]").addEventListener("ui:files", (e) => { window.got = e.detail.map((f) => f.name); });
          const transfer = new DataTransfer();
          transfer.items.add(new File(["a"], "发文处理单.pdf"));
          transfer.items.add(new File(["b"], "附件1.docx"));
          document.querySelector("h1").dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }"""
    )
    page.wait_for_function("window.got.length === 2")
    assert page.evaluate("window.got") == ["发文处理单.pdf", "附件1.docx"]


def test_what_is_copied_is_said(look) -> None:
    page = look()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("[data-copy]")
    page.wait_for_selector(".toast.ok")
    assert page.evaluate("navigator.clipboard.readText()") == "Y012-WS·2026-Y-YB-0213"


def test_a_toast_is_seen_above_an_open_dialog_and_stays_when_it_closes(look) -> None:
    page = look()
    page.click("[data-open=sample-drawer]")
    page.evaluate("yidang.toast('服务器没有回应。', 'bad')")
    # It moves in, and so does the drawer; what is at its place is asked when both have come to rest.
    top = "(box => document.elementFromPoint(box.x + 20, box.y + 10)?.closest('.toast') != null)"
    page.wait_for_function(f"{top}(document.querySelector('.toast').getBoundingClientRect())")
    page.keyboard.press("Escape")
    page.wait_for_selector("body > #toasts .toast.bad")


def test_a_refusal_to_htmx_leaves_the_page_and_shows_a_toast(look) -> None:
    page = look()
    page.evaluate(
        """() => {
          const button = document.createElement("button");
          button.id = "ask"; button.setAttribute("hx-get", "/raise/input/"); button.setAttribute("hx-target", "#main");
          document.querySelector("h1").after(button); htmx.process(button);
        }"""
    )
    page.evaluate("document.getElementById('ask').click()")
    page.wait_for_selector(".toast.bad")
    assert "题名是空的。" in page.text_content(".toast.bad")
    assert page.is_visible("h1")


def test_htmx_evaluates_nothing(look) -> None:
    page = look()
    assert page.evaluate(
        "[htmx.config.allowEval, htmx.config.includeIndicatorStyles, htmx.config.selfRequestsOnly]"
    ) == [False, False, True]
