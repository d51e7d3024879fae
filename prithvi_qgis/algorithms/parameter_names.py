"""Ids of parameters that several modules use. Scripts and models hold them, so they never change."""

BANDS = "BANDS"
BATCH_SIZE = "BATCH_SIZE"
CLASSES = "CLASSES"
DATES = "DATES"
DEVICE = "DEVICE"
EXTENT = "EXTENT"
FRAMES = "FRAMES"
IGNORE = "IGNORE"
IGNORE_CLASSES = "IGNORE_CLASSES"
INPUT = "INPUT"
KEEP_WARM = "KEEP_WARM"
MIN_AREA = "MIN_AREA"
MIN_PROBABILITY = "MIN_PROBABILITY"
MODEL = "MODEL"
MODELS = "MODELS"
MOSAIC = "MOSAIC"
OFFSET = "OFFSET"
OUTPUT = "OUTPUT"
OUTSIDE = "OUTSIDE"
PATTERN = "PATTERN"
PIPELINE = "PIPELINE"
POLYGONS = "POLYGONS"
PROBABILITY = "PROBABILITY"
REFERENCE = "REFERENCE"
REPORT = "REPORT"
RESAMPLING = "RESAMPLING"
RESOLUTION = "RESOLUTION"
SCALE = "SCALE"
SENSOR = "SENSOR"
STRIDE = "STRIDE"
VARIANT = "VARIANT"

DEVICES = ("auto", "cuda", "cpu")
PIPELINES = ("streaming", "stock")
RESAMPLINGS = ("bilinear", "nearest", "cubic")


def choices() -> dict[str, tuple[str, ...]]:
    """Return the words of each choice, in the order of its numbers; the same in all languages."""
    from ..core.scenes.sensors import SENSORS

    return {
        DEVICE: DEVICES,
        VARIANT: DEVICES,
        PIPELINE: PIPELINES,
        RESAMPLING: RESAMPLINGS,
        SENSOR: ("auto", *(sensor.id for sensor in SENSORS)),
        MOSAIC: ("none", "vrt", "cog"),
    }
