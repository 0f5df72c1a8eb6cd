"""tract."""

import tract

from common import main, versions


def run(path, x):
    model = tract.onnx().load(path)
    # A fact that gives a symbolic batch a number contradicts the file for tract.
    if "batch N" not in path:
        model.set_input_fact(0, ",".join(map(str, x.shape)) + ",f32")
    return model.into_model().into_runnable().run([x])[0].to_numpy()


main(run, versions("tract"))
