"""Heat and clock, from files as Linux has them."""

from larq_bvit.bench.local.sensors import Sensors


def zone(folder, number, text):
    path = folder / f"thermal_zone{number}" / "temp"
    path.parent.mkdir()
    path.write_text(text)


def test_the_hottest_zone_counts(tmp_path):
    for number, text in enumerate(["41000\n", "57500\n", "-274000\n", "nothing\n"]):
        zone(tmp_path, number, text)
    assert Sensors.read(tmp_path).celsius == 57.5
    assert Sensors.read(tmp_path / "none").celsius is None


def test_changes_are_told():
    before = Sensors(40.0, 3000.0)
    assert before.changes(Sensors(45.0, 2900.0)) == []
    assert before.changes(Sensors(55.0, 2000.0)) == [
        "it became hotter: 40 to 55 degrees C",
        "its clock fell from 3000 to 2000 MHz",
    ]
    assert Sensors(None, None).changes(Sensors(55.0, 1.0)) == []
