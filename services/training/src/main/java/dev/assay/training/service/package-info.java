/// The training service in the mesh: takes jobs, reads their artifacts, calls the core, attaches what came out.
package dev.assay.training.service;
