using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;
using OsmExt.LocalRuntime.State;

namespace OsmExt.LocalRuntime;

/// <summary>What the parts of one running mesh share.</summary>
internal sealed record MeshRun(LocalMeshOptions Options, StateDirectory Directory, IMeshNetwork Network, Supervision Supervision);
