"""What changed between two texts, as a person would mark it."""

from text.differences import Kind, differences


def marked(before: str, after: str, **how: int) -> list[str]:
    """Each line with its sign and number; what changed within it in brackets."""
    signs = {Kind.same: " ", Kind.gone: "-", Kind.new: "+", Kind.skipped: "…"}
    return [
        f"{signs[line.kind]}{line.number} " + "".join(f"[{text}]" if changed else text for text, changed in line.pieces)
        for line in differences(before, after, **how)
    ]


def test_the_same_texts_differ_in_nothing():
    assert marked("It rained.\nThen not.", "It rained.\nThen not.") == []


def test_a_word_is_marked_within_its_line():
    assert marked("It raned all day.", "It rained all day.") == ["-1 It [raned ]all day.", "+1 It [rained ]all day."]


def test_a_line_that_came_is_marked_whole():
    assert marked("One.\nThree.", "One.\nTwo.\nThree.") == [" 1 One.", "+2 [Two.]", " 3 Three."]


def test_lines_that_are_alike_are_counted_where_they_are_left_out():
    before = "\n".join("abcdefghij")

    assert marked(before, before.replace("e", "E"), around=1) == ["…3 ", " 4 d", "-5 [e]", "+5 [E]", " 6 f", "…4 "]


def test_all_that_stood_there_and_nothing_more_is_given_back():
    before, after = "A  b\tc \n\nd", "A b\tc\n\nd e"

    lines = differences(before, after)

    old = ["".join(piece.text for piece in line.pieces) for line in lines if line.kind in (Kind.same, Kind.gone)]
    new = ["".join(piece.text for piece in line.pieces) for line in lines if line.kind in (Kind.same, Kind.new)]
    assert ("\n".join(old), "\n".join(new)) == (before, after)


def test_a_line_of_very_many_words_is_marked_whole():
    long = "word " * 5_000

    assert [line.pieces[0].changed for line in differences(long, f"{long}more")] == [True, True]
