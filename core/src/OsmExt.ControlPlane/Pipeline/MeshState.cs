using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>What the pipeline has arrived at: one consistent, immutable view for everybody who asks.</summary>
/// <param name="Snapshot">The objects.</param>
/// <param name="Index">Their policy. It may be a moment older than the snapshot while a change waits for quiet.</param>
/// <param name="Endpoints">Who serves what; never older than the snapshot.</param>
/// <param name="Proxies">The mesh's sidecars.</param>
/// <param name="PolicyDiagnostics">What compiling the policy found.</param>
/// <param name="Contributions">What plugins contribute to the policy.</param>
internal sealed record MeshState(
    ResourceSnapshot Snapshot, MeshIndex Index, EndpointTable Endpoints, MeshProxies Proxies, EquatableArray<Diagnostic> PolicyDiagnostics,
    IMeshContributions Contributions)
{
    /// <summary>The policy without what plugins decide about traffic: what they are asked about.</summary>
    public Mesh Asked { get; init; } = Index.Mesh;

    /// <summary>What compiling it worked out on its way, for the next time.</summary>
    public PolicyMemo? Memo { get; init; }
}
