/// The description of the mesh's topics, generated from the contracts.
package dev.assay.gateway.asyncapi;
