"""A word that a line end cuts is found as one word; paragraphs stay paragraphs."""

from yidang.formats.lines import join_lines


def test_a_chinese_word_cut_by_a_line_end_is_joined():
    text = "各科室要高度重视医疗质量管理工作，认真落实核心制\n度，加强对重点环节的监督检查，确保患者的安全和权\n益。"
    assert "核心制度" in join_lines(text)
    assert "权益" in join_lines(text)


def test_latin_words_keep_their_space_and_lose_their_hyphen():
    text = "The committee reviewed the annual report of the hospital and found that the docu-\nments had been filed within the period that the regulation asks for and\nthat nothing was missing from them at the time of the review itself."
    assert "documents had" in join_lines(text)
    assert "for and that" in join_lines(text)


def test_paragraphs_headings_and_lists_stay_apart():
    text = "关于印发制度的通知\n\n各科室：\n一、总则\n为加强管理，根据有关规定，结合我院的实际情况，制定本制\n度。\n二、职责"
    lines = join_lines(text).split("\n")
    assert lines == [
        "关于印发制度的通知",
        "各科室：",
        "一、总则",
        "为加强管理，根据有关规定，结合我院的实际情况，制定本制度。",
        "二、职责",
    ]


def test_spaces_between_chinese_characters_are_taken_out():
    assert join_lines("仁 和 医 院 PET-CT 检 查") == "仁和医院 PET-CT 检查"


def test_gaps_that_typesetting_puts_beside_figures_are_taken_out():
    assert join_lines("2026 年 3 月 5 日") == "2026年3月5日"


def test_the_lines_of_a_letters_head_stay_apart():
    text = "仁和医院文件\n仁医发〔2026〕12号\n关于印发核心制度的通知\n各科室、各部门：\n现将核心制度印发给你们，请认真执行，确保医疗安全。"
    assert join_lines(text).split("\n") == text.split("\n")
