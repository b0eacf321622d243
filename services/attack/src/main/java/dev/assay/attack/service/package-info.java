/// The attack service: takes jobs, reads artifacts, calls the core, attaches what it found.
package dev.assay.attack.service;
