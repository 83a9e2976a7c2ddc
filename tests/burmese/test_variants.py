"""Spellings of a name put together."""

from iimm_pipelines.burmese.variants import variants


def test_spellings_in_both_scripts_with_titles_and_without_make_one_group():
    first, second = variants(
        ["U Kyaw Min", "ဦးကျော်မင်း", "Kyaw Min", "Kyaw Min", "ဗိုလ်မှူး ကျော်မင်း", "U Phyo Thant", "ဦးဖြိုးသန့်"]
    )
    assert (first.names[0], first.count, len(first.names)) == ("Kyaw Min", 5, 4)
    assert set(second.names) == {"U Phyo Thant", "ဦးဖြိုးသန့်"}


def test_other_names_stay_apart():
    assert len(variants(["Kyaw Min", "Kyaw Min Tun", "Aung Min", "ကျော်ဝင်း"])) == 4
