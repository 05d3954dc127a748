"""The learnt witness: labelled mail to estimator to evidence. The only home of scikit-learn and pandas."""
