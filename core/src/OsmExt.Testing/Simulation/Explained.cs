using OsmExt.Simulation.Meshes;

namespace OsmExt.Testing.Simulation;

/// <summary>What a decision was about.</summary>
/// <param name="Mesh">The mesh.</param>
/// <param name="Request">The request.</param>
internal sealed record Explained(SimulatedMesh Mesh, RequestText Request);
