"""The data formats: what a config's `dataset` may say, one line each."""

PICTURES = (
    'channels: Optional(Either(Text("rgb", "grey", "rgba"), ListOf(Integer(0), minimum=1))) = None,'
    " range: Optional(ListOf(Number, length=2)) = None,"
    ' on_bad_image: Text("error", "skip") = "error"'
)
"""Arguments of every format: what of the image files goes into the network, and what of files that are none."""

SHARED = (
    f"{PICTURES},"
    " ignore: Optional(Either(Integer(0, 65535),"
    " ListOf(Either(Integer(0, 65535), ListOf(Integer(0, 255), length=3)), minimum=1))) = None"
)
"""Arguments of formats with mask files: those of every format, and which mask values do not count."""

MASK_FILES = (
    'values: Optional(TableOf(Either(Integer(0, 254), Text("ignore")))) = None,'
    " colors: Optional(Either(ListOf(ListOf(Integer(0, 255), length=3), minimum=1),"
    " TableOf(ListOf(Integer(0, 255), length=3)))) = None,"
    " threshold: Optional(Number(0, 65535)) = None, resize_masks: Flag = False"
)
"""Arguments of formats with mask files: what their raw values mean, and whether their size may be another."""

_PATHS = "Either(PathText, ListOf(PathText, minimum=1))"

FOLDERS = (
    f"folders(images: {_PATHS}, masks: Either(PathText, ListOf(PathText, minimum=1), TableOf({_PATHS})),"
    f' negatives: Optional({_PATHS}) = None, missing_masks: Text("error", "negative", "skip") = "error",'
    f" {MASK_FILES}, {SHARED})"
)

KAGGLE_RLE = (
    f"kaggle_rle(csv: PathText, images: {_PATHS}, id: Optional(Text) = None, rle: Text = 'EncodedPixels',"
    " class_column: Optional(Text) = None, class_in_id: Flag = False,"
    " categories: Optional(ListOf(Text, minimum=1)) = None,"
    ' order: Text("column", "row") = "column", base: Integer(0, 1) = 1,'
    f' unlisted: Text("error", "negative") = "error", {PICTURES})'
)

COCO = (
    "coco(json: PathText, images: PathText, categories: Optional(ListOf(Text, minimum=1)) = None,"
    f' crowd: Text("void", "mask") = "void", {PICTURES})'
)

LINES: tuple[str, ...] = (FOLDERS, KAGGLE_RLE, COCO)
