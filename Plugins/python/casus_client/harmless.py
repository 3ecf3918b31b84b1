"""Others' words made fit for a terminal or a log line, as HarmlessText does in Swift: the shared vectors hold both to it."""

from __future__ import annotations

from typing import List, Set

_STEERS = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
)
"""Control characters, separators, marks of the bidirectional algorithm, and what has no shape of its own."""

_LATIN = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF))
_PHONETIC = ((0x250, 0x2AF), (0x1D00, 0x1DBF))
_BESIDE = (
    (0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x587), (0x13A0, 0x13FF), (0x1C80, 0x1C8F), (0x1F00, 0x1FFF),
    (0x2C80, 0x2CFF), (0xA4D0, 0xA4FF), (0xA640, 0xA69F), (0xAB70, 0xABBF),
)
"""Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu."""

_WIDE = ((0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
_MATHEMATICAL = ((0x1D400, 0x1D7FF),)
_MARKS = ((0x300, 0x36F),)
_TWINS = frozenset("АВЕЅЗІЈКМНОРСТУХЬаеѕіјорсухһԁԛԝѵѴҮүԌӏӀΑΒΕΖΗΙΚΜΝΟΡΤΥΧονϲϹϳ")
_SPELLED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def shown(text: str) -> str:
    """The text with what steers a terminal, cannot be seen or passes for a Latin letter written out."""
    if text.isascii() and text.isprintable():
        return text
    hidden = _lookalikes(text)
    return "".join(
        _spell(character)
        if place in hidden or _is_in(character, _STEERS) or _is_loose_joiner(place, text) else character
        for place, character in enumerate(text)
    )


def _spell(character: str) -> str:
    number = ord(character)
    return _SPELLED.get(character) or (f"\\x{number:02x}" if number < 0x100 else f"\\u{{{number:x}}}")


def _is_in(character: str, ranges: tuple) -> bool:
    number = ord(character)
    return any(low <= number <= high for low, high in ranges)


def _is_loose_joiner(place: int, text: str) -> bool:
    if text[place] not in "\u200c\u200d":
        return False
    if place == 0 or place + 1 == len(text):
        return True
    return text[place - 1].isascii() or text[place + 1].isascii()


def _lookalikes(text: str) -> Set[int]:
    found: Set[int] = set()
    word: List[int] = []
    for place, character in enumerate(text):
        if _is_in(character, _LATIN + _PHONETIC + _BESIDE + _WIDE + _MATHEMATICAL + _MARKS):
            word.append(place)
        else:
            _judge(word, text, found)
            word = []
    _judge(word, text, found)
    return found


def _judge(word: List[int], text: str, found: Set[int]) -> None:
    others = [place for place in word if _is_in(text[place], _PHONETIC + _BESIDE + _WIDE)]
    found.update(place for place in word if _is_in(text[place], _MATHEMATICAL))
    has_latin = any(_is_in(text[place], _LATIN) for place in word)
    if has_latin or all(text[place] in _TWINS or _is_in(text[place], _PHONETIC) for place in others):
        found.update(others)
