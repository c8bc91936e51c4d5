"""Tables of one's own: what is read, what is refused and how, and what becomes of the columns."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import (
    Columns,
    DataError,
    normalize_columns,
    normalize_pixels,
    read_csv,
    split,
)
from mytorch.datasets.scaling import column_scales, standardized

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and gives its path."""

    def written(content: str | bytes, name: str = "my.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


ROWS = [("a", "1.5", "Rome"), ("b", "-2e3", "New York"), ("c", ".25", "Oslo")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_line_ends_are_found(
    write: Write, separator: str, encoding: str, end: str
) -> None:
    text = end.join(separator.join(row) for row in [("id", "x", "city"), *ROWS])
    table = read_csv(write(f"{text}{end}".encode(encoding)), "city")
    assert table.names == ("id", "x")
    assert table.columns[0].tolist() == ["a", "b", "c"]
    assert table.columns[1].tolist() == [1.5, -2000, 0.25]
    assert table.labels is not None
    assert table.labels.tolist() == ["Rome", "New York", "Oslo"]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2.", "-3e-2"], [1, 2, -0.03]),
        (["1", "", "3"], [1, np.nan, 3]),
        (["1", "NA", "?"], [1, np.nan, np.nan]),
        (['"1,234"', '"12,345.5"', "7"], [1234, 12345.5, 7]),
        (['"a, b"', '"say ""x"""', "c"], ["a, b", 'say "x"', "c"]),
        (['"two\nlines"', "b", "c"], ["two\nlines", "b", "c"]),
        (["true", "false", "true"], ["true", "false", "true"]),
        (["x", "", "n/a"], ["x", "", ""]),
    ],
)
def test_cells(write: Write, cells: list[str], values: list[Any]) -> None:
    path = write("column,y\n" + "\n".join(f"{cell},{i}" for i, cell in enumerate(cells)))
    column = read_csv(path, "y").columns[0]
    if isinstance(values[0], str):
        assert column.tolist() == values
    else:
        assert np.array_equal(column, values, equal_nan=True)


def test_a_decimal_comma_is_one_where_commas_do_not_separate(write: Write) -> None:
    table = read_csv(write("x;y\n1,5;2\n-,25;3\n2;4\n"), "y")
    assert table.columns[0].tolist() == [1.5, -0.25, 2]


@pytest.mark.parametrize("label", ["3", 3, -1, "-1"])
def test_columns_without_names_have_numbers(write: Write, label: Any) -> None:
    table = read_csv(write("1,2,a\n3,4,b\n"), label)
    assert (table.names, table.label) == (("1", "2"), "3")
    assert table.lines.tolist() == [1, 2]


def test_the_first_row_may_be_said_to_have_names_or_none(write: Write) -> None:
    path = write("1990,y\n1,2\n3,4\n")
    assert read_csv(path, "y", header=True).names == ("1990",)
    texts = write("red,sweet\ngreen,sour\n", "texts.csv")
    assert len(read_csv(texts, 2, header=False).lines) == 2
    assert len(read_csv(texts, 2).lines) == 1


def test_columns_are_left_out_or_taken_as_texts(write: Write) -> None:
    path = write("id,zip,y\n1,8001,0\n2,8002,1\n")
    assert read_csv(path, "y", ignore=["id"]).names == ("zip",)
    assert read_csv(path, "y", text=["zip"]).columns[1].tolist() == ["8001", "8002"]


REFUSED = {
    "nothing": ("", "y", "no row"),
    "names alone": ("x,y\n", "y", "no row below the names"),
    "a short row": ("x,y\n1,2\n3\n", "y", "line 3: expected 2 cells, as in line 1, got 1"),
    "a long row": ("x,y\n1,2\n\n3,4,5\n", "y", "line 4: expected 2 cells"),
    "an open quote": ('x,y\n1,2\n"3,4\n5,6\n', "y", "line 3: this row cannot be read"),
    "after a quote": ('x,y\n1,2\n"3"z,4\n', "y", "line 3: this row cannot be read"),
    "a name twice": ("x,x,y\n1,2,3\n", "y", "line 1: two columns are called 'x'"),
    "no label": ("x,y\n1,2\n3,\n", "y", "line 3: no label in column 'y'"),
    "one column": ("y\n1\n2\n", "y", "no column beside the label's"),
    "a text": ("x,y\n1,2\n3,4\nfour,5\n5,6\n", "y", "line 4: expected a number in column 'x'"),
    "a huge number": ("x,y\n1,2\n1e999,4\n", "y", "line 3: the number 1e999 in column 'x'"),
    "another name": ("x,y\n1,2\n", "z", "one of x, y, got 'z'"),
    "a number": ("x,y\n1,2\n", 3, "one of x, y, got 3"),
    "zero": ("x,y\n1,2\n", 0, "one of x, y, got 0"),
    "Latin-1": ("x,y\né,2\n".encode("latin-1"), "y", "byte 4 is 0xe9; save it again as CSV"),
    "a spreadsheet": (b"PK\3\4\0\0\xff", "y", "not a text; a spreadsheet"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(write: Write, case: str) -> None:
    content, label, words = REFUSED[case]
    path = write(content)
    with pytest.raises((DataError, ValueError)) as caught:
        read_csv(path, label)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_csv(tmp_path / "none.csv", "y")
    with pytest.raises(DataError, match="Is a directory"):
        read_csv(tmp_path, "y")


TABLE = "age,city,height,y\n20,Rome,1.5,0\n40,Oslo,1.5,1\n30,Rome,1.5,0\n"


def test_numbers_are_scaled_by_column_and_texts_are_one_hot(write: Write) -> None:
    table = read_csv(write(TABLE), "y")
    columns = Columns.fit(table)
    scale = 1.5**0.5  # of 20, 40, 30: deviation 10 * sqrt(2 / 3)
    right = [[-scale, 0, 1, 0], [scale, 1, 0, 0], [0, 0, 1, 0]]
    assert np.allclose(columns(table), right, rtol=0, atol=1e-12)
    again = Columns.from_facts(json.loads(json.dumps(columns.as_facts())))
    assert again == columns
    assert np.array_equal(again(table), columns(table))


def test_other_rows_are_scaled_as_the_training_rows_were(write: Write, tmp_path: Path) -> None:
    columns = Columns.fit(read_csv(write(TABLE), "y"))
    other = columns.read(write("height,more,city,age\n2.5,?x,Bern,40\n", "other.csv"))
    assert np.allclose(columns(other), [[1.5**0.5, 0, 0, 1.0]])
    assert columns.unseen(other) == {"city": ["Bern"]}
    with pytest.raises(DataError, match="no column 'height'"):
        columns.read(write("city,age\nRome,2\n", "short.csv"))
    with pytest.raises(DataError, match="line 2: expected a number in column 'age', as in train"):
        columns.read(write("city,age,height\nRome,old,1\n", "texts.csv"))


def test_missing_values_are_refused_or_filled_as_the_message_says(write: Write) -> None:
    table = read_csv(write("age,city,y\n20,Rome,0\n,Oslo,1\n40,,1\n"), "y")
    with pytest.raises(DataError, match=r"line 3: no value in column .age.*fill=True"):
        Columns.fit(table)
    filled = Columns.fit(table, fill=True)(table)
    assert np.allclose(filled, [[-1, 0, 1], [0, 1, 0], [1, 0, 0]])


def test_columns_that_say_nothing_are_refused(write: Write) -> None:
    names = "\n".join(f"person {i},{i}" for i in range(60))
    with pytest.raises(DataError, match="'name' has 60 different texts in 60 rows"):
        Columns.fit(read_csv(write(f"name,y\n{names}\n"), "y"))
    with pytest.raises(DataError, match="'x' has no value in any training row"):
        Columns.fit(read_csv(write("x,z,y\n,1,1\n,2,2\n"), "y"), fill=True)


@pytest.mark.parametrize("unit", ["e300", "e-300", "e308"])
def test_a_column_of_any_size_is_scaled(write: Write, unit: str) -> None:
    table = read_csv(write(f"x,y\n1{unit},1\n-1{unit},2\n"), "y")
    assert np.allclose(Columns.fit(table)(table), [[1], [-1]])


@pytest.mark.parametrize("count", [10, 150, 1001])
def test_every_class_has_its_share_of_each_part(count: int) -> None:
    labels = np.random.default_rng(1).choice(["a", "b", "c"], count, p=[0.6, 0.3, 0.1])
    parts = split(labels, 3)
    assert sorted(np.concatenate(parts).tolist()) == list(range(count))
    for part, share in zip(parts, (0.7, 0.15, 0.15), strict=True):
        assert abs(len(part) - share * count) <= 1.5
        for label in "abc":
            whole = (labels == label).sum()
            assert abs((labels[part] == label).sum() - share * whole) <= 2
    again, other = split(labels, 3), split(labels, 4)
    assert all(map(np.array_equal, parts, again))
    assert not np.array_equal(parts[0], other[0])


def test_fewer_than_ten_rows_are_refused() -> None:
    with pytest.raises(DataError, match="at least 10 rows, got 9"):
        split(np.arange(9), 0)


def test_columns_of_a_data_set_are_scaled_by_themselves() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal([3, 4e4, 7], [1, 1e4, 0], (50, 3))
    train, val, _ = normalize_columns(((x, x), (x + 1, x), (x, x)))
    assert np.allclose(train[0].mean(axis=0), 0, atol=1e-9)
    assert np.allclose(train[0].std(axis=0), [1, 1, 0])
    assert np.allclose(val[0] - train[0], [1 / x[:, 0].std(), 1 / x[:, 1].std(), 1])


@pytest.mark.parametrize("exponent", [-1000, -600, 600, 1019])
def test_columns_of_any_size_are_scaled_alike(exponent: int) -> None:
    """By a power of two, which changes no digit: the result is the same to the last bit."""
    x = np.random.default_rng(0).normal([3, -0.2], [1, 0.1], (50, 2))
    plain, huge = (
        normalize_columns(((z, z), (2 * z, z), (z, z))) for z in (x, np.ldexp(x, [[exponent, 0]]))
    )
    assert np.array_equal(huge[0][0], plain[0][0])
    assert np.array_equal(huge[1][0], plain[1][0])


@pytest.mark.parametrize("number", [0.1, 1 / 3, -1e300, 3e-310, 0.0])
def test_a_column_of_equal_numbers_has_that_mean_and_the_deviation_1(number: float) -> None:
    """Whose computed mean is another number, so that rounding gives them a deviation."""
    mean, deviation = column_scales(np.full((7, 1), number))
    assert [mean[0], deviation[0]] == [number, 1]
    assert standardized(np.full((1, 1), number), mean, deviation) == 0


def test_splits_with_other_columns_are_refused() -> None:
    x, more = np.ones((3, 4)), np.ones((3, 5))
    for splits in (((x, x), (more, x), (x, x)), ((x, x), (x, x), (np.ones(3), x))):
        with pytest.raises(ValueError, match="expected 4 columns in all three splits of dset"):
            normalize_columns(splits)


def test_pixels_have_one_scale_and_a_table_is_refused_there() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 4)) / 255
    (train, _), *_ = normalize_pixels(((pixels, pixels),) * 3)
    assert np.allclose([train.mean(), train.std()], [0, 1])
    table = np.random.default_rng(0).normal([3, 4e4], [1, 1e4], (50, 2))
    with pytest.raises(ValueError, match="normalize_columns scales each by itself"):
        normalize_pixels(((table, table),) * 3)
