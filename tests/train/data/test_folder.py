"""Class folders."""

import os
import shutil

import pytest

from larq_bvit.train import DataConfig
from larq_bvit.train.data.folder import folder_source
from larq_bvit.train.data.sources import open_source
from tests.train.data.common import write_image

SOUND = DataConfig(dataset="unused", size=(32, 32), batch_size=1)


def names(source):
    return {source.name(index) for index in range(len(source))}


def test_train_and_validation_folders(folder):
    train = folder_source(str(folder), "train", 0.1)
    evaluation = folder_source(str(folder), "evaluation", 0.1)
    assert train.classes == evaluation.classes == ("n01", "n02", "n10")
    assert (len(train), len(evaluation)) == (24, 9)
    assert [train[k][1] for k in range(24)] == [0] * 8 + [1] * 8 + [2] * 8
    assert train[9][0] == (folder / "train" / "n02" / "1.jpg").read_bytes()
    assert train.name(9) == str(folder / "train" / "n02" / "1.jpg")
    assert train.nbytes == sum(file.stat().st_size for file in folder.glob("train/*/*"))
    assert names(folder_source(str(folder), "val", 0.1)) == names(evaluation)


def test_deeper_folders_other_suffixes_and_other_files(tmp_path):
    write_image(tmp_path / "a" / "images" / "deep" / "x.JPEG")
    write_image(tmp_path / "b" / "y.PNG")
    (tmp_path / "b" / "boxes.txt").write_text("1 2 3 4")
    (tmp_path / "readme.jpg").write_text("in no class")
    for hidden in (".ipynb_checkpoints", "@eaDir", "__MACOSX"):
        write_image(tmp_path / hidden / "z.jpg")
    write_image(tmp_path / "b" / "._y.png")
    source = folder_source(str(tmp_path), "all", 0.1)
    assert source.classes == ("a", "b") and len(source) == 2


def test_hidden_folders_within_a_class_and_folders_named_like_images(tmp_path):
    write_image(tmp_path / "a" / "photo.jpg")
    write_image(tmp_path / "a" / "@eaDir" / "photo.jpg" / "SYNOPHOTO_THUMB_M.jpg")
    write_image(tmp_path / "a" / "deep" / ".thumbnails" / "x.jpg")
    write_image(tmp_path / "a" / "folder.jpg" / "y.jpg")
    found = names(folder_source(str(tmp_path), "all", 0.1))
    assert found == {str(tmp_path / "a" / name) for name in ("photo.jpg", "folder.jpg/y.jpg")}


def test_folders_that_are_links(tmp_path):
    one = tmp_path / "data" / "one"
    for path in (one / "0.jpg", one / "deep" / "1.jpg", tmp_path / "disk" / "part2" / "2.jpg"):
        write_image(path)
    (one / "part2").symlink_to(tmp_path / "disk" / "part2")
    (tmp_path / "disk" / "part2" / "back").symlink_to(one)
    (one / "again").symlink_to(one / "deep")  # sorts before it, and is another name of it
    (one / "round").symlink_to(one / "round")
    for ancestor in (one, tmp_path / "data", tmp_path):
        (one / f"up to {ancestor.name}").symlink_to(ancestor)
    source = folder_source(str(tmp_path / "data"), "all", 0.1)
    expected = [one / "0.jpg", one / "deep" / "1.jpg", one / "part2" / "2.jpg"]
    assert [source.name(index) for index in range(len(source))] == list(map(str, expected))


def test_a_link_to_nothing_is_a_corrupt_image(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "0.jpg").symlink_to(tmp_path / "gone.jpg")
    source = folder_source(str(tmp_path), "all", 0.1)
    assert len(source) == 1 and source.nbytes == 0 and source[0] == (b"", 0)


def test_holdout_is_decided_by_the_path_alone(folder, tmp_path):
    for k in range(200):
        write_image(tmp_path / "one" / "a" / f"{k}.jpg", size=(2, 2))
    one = tmp_path / "one"
    train, held = (names(folder_source(str(one), split, 0.2)) for split in ("train", "evaluation"))
    assert not train & held and len(train | held) == 200 and 20 <= len(held) <= 60
    shutil.copytree(one, tmp_path / "two")
    write_image(tmp_path / "two" / "b" / "new.jpg", size=(2, 2))
    moved = {
        name.replace("two", "one")
        for name in names(folder_source(str(tmp_path / "two"), "evaluation", 0.2))
    }
    assert {name for name in moved if "new" not in name} == held
    with pytest.raises(ValueError, match="no images for 'evaluation'"):
        folder_source(str(one), "evaluation", 0.0)


def test_what_is_held_out_is_told(folder, tmp_path, caplog):
    for k in range(40):
        write_image(tmp_path / "many" / "a" / f"{k}.jpg", size=(2, 2))
    many = str(tmp_path / "many")
    with caplog.at_level("INFO", "larq_bvit"):
        held = folder_source(many, "evaluation", 0.2)
        for path, split in ((many, "train"), (many, "all"), (str(folder), "evaluation")):
            folder_source(path, split, 0.2)
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith(f"{len(held)} of 40 images in {many} are held out for evaluation; ")


def test_holdout_leaves_every_class_images_to_train(tmp_path):
    for k in range(40):
        write_image(tmp_path / "many" / f"{k}.jpg", size=(2, 2))
    for k in range(40):  # until one of them is held out
        few = write_image(tmp_path / "few" / f"{k}.jpg", size=(2, 2))
        if str(few) in names(folder_source(str(tmp_path), "evaluation", 0.2)):
            break
        few.unlink()
    with pytest.raises(ValueError, match=r"training images in few, beside those held out \(0.2\)"):
        folder_source(str(tmp_path), "train", 0.2)
    write_image(tmp_path / "few" / f"{k - 1}.jpg", size=(2, 2))
    assert len(folder_source(str(tmp_path), "train", 0.2).classes) == 2


def test_names_that_are_not_utf_8(tmp_path):
    for k in range(9):
        write_image(tmp_path / os.fsdecode(b"caf\xe9/\xfc%d.jpg" % k), size=(2, 2))
    splits = [folder_source(str(tmp_path), split, 0.5) for split in ("train", "evaluation")]
    assert sum(map(len, splits)) == 9 and splits[0].classes == ("caf\udce9",)
    assert splits[0][0][0]


def test_a_file_that_vanished_has_no_bytes(folder):
    source = folder_source(str(folder), "train", 0.1)
    (folder / "train" / "n01" / "0.jpg").unlink()
    assert source[0] == (b"", 0)


def test_errors(folder, tmp_path):
    with pytest.raises(ValueError, match="expected a folder of images; there is none at"):
        folder_source(str(tmp_path / "missing"), "train", 0.1)
    with pytest.raises(ValueError, match="no images for 'test': expected .*CLASS"):
        folder_source(str(folder), "test", 0.1)
    with pytest.raises(ValueError, match="no subfolder 'train', hence no split 'val'"):
        folder_source(str(folder / "train"), "val", 0.1)
    (folder / "train" / "notes").mkdir()
    with pytest.raises(ValueError, match="every folder in .* is a class: .* images in notes"):
        folder_source(str(folder), "train", 0.1)
    shutil.rmtree(folder / "val")
    with pytest.raises(ValueError, match="one of val, valid, validation, test beside"):
        folder_source(str(folder), "evaluation", 0.1)


def test_valid_is_for_validation_and_comes_before_test(tmp_path):
    for split in ("train", "valid", "test"):
        write_image(tmp_path / split / "cat" / "0.png")
    assert folder_source(str(tmp_path), "evaluation", 0.1).name(0).endswith("valid/cat/0.png")
    for split in ("train", "valid", "test"):
        source = open_source(f"folder:{tmp_path}:{split}", "train", SOUND)
        assert source.name(0).endswith(f"{split}/cat/0.png")


@pytest.mark.parametrize("names", [("Training", "Testing"), ("Train", "Test"), ("valid",)])
@pytest.mark.parametrize("split", ["train", "evaluation", "all"])
def test_splits_are_no_classes(tmp_path, names, split):
    for name in names:
        for k in range(4):
            write_image(tmp_path / name / "cat" / f"{k}.png")
    expected = (
        f"folders of classes in .*or the subfolders 'train' .*; got {', '.join(sorted(names))}"
    )
    with pytest.raises(ValueError, match=expected):
        folder_source(str(tmp_path), split, 0.1)


def test_images_of_other_formats_are_told(tmp_path, caplog):
    write_image(tmp_path / "a" / "x.jpg")
    for name in ("y.webp", "z.WEBP", "z.tif", "z.txt", ".w.webp"):
        (tmp_path / "a" / name).touch()
    assert len(folder_source(str(tmp_path), "all", 0.1)) == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"2 .webp files in {tmp_path} are left out: make them .jpg or .png",
        f"1 .tif files in {tmp_path} are left out: make them .jpg or .png",
    ]


def test_a_class_that_is_called_train(tmp_path):
    for name in ("car", "plane", "train"):
        write_image(tmp_path / name / "x.jpg")
    assert folder_source(str(tmp_path), "train", 0.0).classes == ("car", "plane", "train")
    write_image(tmp_path / "train" / "deep" / "x.jpg")  # that is how a split looks
    assert folder_source(str(tmp_path), "train", 0.0).classes == ("deep",)
