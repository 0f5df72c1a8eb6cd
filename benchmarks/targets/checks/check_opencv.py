"""OpenCV's dnn module."""

import cv2

from common import main


def run(path, x):
    net = cv2.dnn.readNetFromONNX(path)
    net.setInput(x)
    return net.forward()


main(run, {"opencv": cv2.__version__})
