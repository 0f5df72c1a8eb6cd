"""Writes the node tests of the installed onnx package, which its wheels leave out.

    python3 generate-node-tests.py FOLDER [LIST]

writes FOLDER/NAME/{model.onnx,test_data_set_0/*.pb} for each test that LIST names (all by default).
Tests with sequences or optional values are left out.
"""

import pathlib
import sys

import numpy
import onnx
from onnx.backend.test.case.node import collect_testcases


def write(folder, case):
    (folder / case.name).mkdir(parents=True, exist_ok=True)
    onnx.save(case.model, folder / case.name / "model.onnx")
    for number, (inputs, outputs) in enumerate(case.data_sets):
        data = folder / case.name / f"test_data_set_{number}"
        data.mkdir(exist_ok=True)
        graph = case.model.graph
        for kind, values, infos in (
            ("input", inputs, graph.input),
            ("output", outputs, graph.output),
        ):
            for position, value in enumerate(values):
                if not isinstance(value, onnx.TensorProto):
                    value = onnx.numpy_helper.from_array(
                        numpy.asarray(value), infos[position].name
                    )
                (data / f"{kind}_{position}.pb").write_bytes(value.SerializeToString())


def is_plain(case):
    return case.model is not None and all(
        isinstance(value, (onnx.TensorProto, numpy.ndarray, numpy.generic))
        for inputs, outputs in case.data_sets
        for value in [*inputs, *outputs]
    )


def main(folder, names=None):
    cases = [case for case in collect_testcases(None) if is_plain(case)]
    if names:
        lines = pathlib.Path(names).read_text().splitlines()
        wanted = {line.split("#")[0].strip() for line in lines}
        cases = [case for case in cases if case.name in wanted]
    for case in cases:
        write(pathlib.Path(folder), case)
    print(f"onnx {onnx.__version__}: {len(cases)} tests")


if __name__ == "__main__":
    main(*sys.argv[1:])
