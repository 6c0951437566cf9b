"""Permissions, sharing and archives of datasets, on the stand-in."""

SERVER = "stand-in"
REFUSED = (403, {"errorCode": 150068, "errorMsg": "Requires the role Data owner."})
MISSING = (400, {"errorCode": 110018, "errorMsg": "Path not found."})
FILE = {
    "zipState": "NONE",
    "attributes": {"name": "x", "path": "/Projects/demo/Resources/x", "size": 1, "dir": False},
}
DATASET = {
    **FILE,
    "id": 7,
    "name": "Resources",
    "datasetType": "DATASET",
    "permission": "READ_ONLY",
}
ROUTES = {
    "PUT project/119/dataset/Resources": [DATASET, REFUSED],
    "POST project/119/dataset/Resources": [None, None, REFUSED],
    "DELETE project/119/dataset/Resources": [None, REFUSED],
    "POST project/119/dataset/Resources%2Fdata": [None],
    "GET project/119/dataset/Resources%2Fdata": [FILE],
    "GET project/119/dataset/Resources%2Fdata.zip": [MISSING, FILE],
    "GET project/119/dataset/Jupyter%2Fdata.zip": [FILE],
    "POST project/119/dataset/Resources%2Fpacked.zip": [None],
    "GET project/119/dataset/Resources%2Fpacked": [FILE],
    "GET project/119/dataset/Resources%2Fpacked.zip": [{**FILE, "zipState": "UNZIPPING"}, FILE],
    "POST project/119/dataset/Resources%2Fnothing": [MISSING],
}


def run(project, step, config):
    api = project.get_dataset_api()
    step("chmod", lambda: api.chmod("Resources", "READ_ONLY")["permission"])
    step("chmod refused", lambda: api.chmod("Resources", "EDITABLE"), error="RestAPIError")
    step("share", lambda: api.share("Resources", "other"))
    step("share to write", lambda: api.share("Resources", "other", permission="EDITABLE"))
    step("share refused", lambda: api.share("Resources", "other"), error="PermissionError")
    step("unshare", lambda: api.unshare("Resources", "other"))
    step("unshare refused", lambda: api.unshare("Resources", "other"), error="PermissionError")
    step("zip", lambda: api.zip("Resources/data"))
    step("zip elsewhere", lambda: api.zip("Resources/data", "Jupyter"))
    step("zip and wait", lambda: api.zip("Resources/data", block=True))
    step("zip elsewhere and wait", lambda: api.zip("Resources/data", "Jupyter", True, timeout=20))
    step("zip nothing", lambda: api.zip("Resources/nothing"), error="RestAPIError")
    step("unzip", lambda: api.unzip("Resources/packed.zip"))
    step("unzip and wait", lambda: api.unzip("Resources/packed.zip", block=True))
    step("unzip nothing", lambda: api.unzip("Resources/nothing"), error="RestAPIError")
