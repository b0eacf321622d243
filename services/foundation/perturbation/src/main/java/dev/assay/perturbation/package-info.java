/// Perturbing an input under a constraint: what is allowed ([dev.assay.perturbation.ThreatModel]), what is
/// sought ([dev.assay.perturbation.Objective]), how one step is taken ([dev.assay.perturbation.StepRule]), and
/// the search that joins them ([dev.assay.perturbation.PerturbationSearch]).
package dev.assay.perturbation;
