/// How robust a classifier is: clean accuracy, and robust accuracy under projected gradient descent for each
/// threat.
package dev.assay.attack;
