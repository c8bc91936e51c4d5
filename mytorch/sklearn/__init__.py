"""Networks as estimators of scikit-learn, for its pipelines and searches.

    from mytorch.sklearn import MLPClassifier
    GridSearchCV(MLPClassifier(epochs=50), {"hiddens": [(16,), (64, 32)]}).fit(X, y)

Needs scikit-learn: `pip install "mytorch[sklearn]"`. Nothing else in the library imports this.
"""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "sklearn":  # mytorch/ itself is searched for modules, and scikit-learn was meant
    here = str(Path(__file__).resolve().parents[1])
    searched = sys.path[:]
    sys.path[:] = [folder for folder in searched if str(Path(folder).resolve()) != here]
    del sys.modules["sklearn"]
    try:
        import_module("sklearn")
    finally:
        sys.path[:] = searched
else:
    try:
        from mytorch.sklearn.estimators import MLPClassifier, MLPRegressor
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sklearn":
            raise
        raise ModuleNotFoundError(
            "mytorch.sklearn needs scikit-learn 1.6 or newer; pip install scikit-learn",
            name=error.name,
        ) from error

    __all__ = ["MLPClassifier", "MLPRegressor"]
