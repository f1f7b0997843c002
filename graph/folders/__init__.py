"""Import and export of folders of CSV files, the format of `columns`."""

from graph.folders.audiences import Audiences
from graph.folders.export import export_folder
from graph.folders.importer import import_folder
from graph.folders.report import ExportReport, FileReport, ImportReport
from graph.folders.scope import Scope, audience, one_challenge

__all__ = [
    "Audiences",
    "ExportReport",
    "FileReport",
    "ImportReport",
    "Scope",
    "audience",
    "export_folder",
    "import_folder",
    "one_challenge",
]
