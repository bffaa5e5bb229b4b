using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Ir;

/// <summary>A sidecar the mesh configures: one pod's.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Identity">Who it must prove to be.</param>
/// <param name="Services">The services whose selector picks the pod, sorted.</param>
public sealed record Proxy(ResourceKey Pod, ProxyIdentity Identity, EquatableArray<ServiceName> Services)
{
    /// <summary>Whether the pod asks to be scraped (<c>prometheus.io/scrape</c>).</summary>
    public bool Scraped { get; init; }

    /// <summary>The workload the pod belongs to, for telemetry.</summary>
    public WorkloadReference Workload { get; init; } = WorkloadReference.Unknown;

    /// <summary>The pod's labels.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>Whether the pod has an IPv4 address, or none at all yet.</summary>
    public bool IPv4 { get; init; } = true;

    /// <summary>Whether the pod has an IPv6 address.</summary>
    public bool IPv6 { get; init; }

    /// <summary>What translation may know of it, once it has said what it can do.</summary>
    /// <param name="capabilities">What it can do.</param>
    /// <param name="selections">The selections of pods by labels that are asked for in its namespace.</param>
    public ProxyScope ScopeFor(ProxyCapabilities capabilities, IEnumerable<LabelSet>? selections = null)
        => new(Identity.Workload, Services, capabilities) { Scraped = Scraped, Workload = Workload, IPv4 = IPv4, IPv6 = IPv6, Selections = [.. (selections ?? []).Where(selection => selection.Selects(Labels))] };
}

/// <summary>Names a workload in telemetry.</summary>
/// <param name="Kind">For example <c>Deployment</c>.</param>
/// <param name="Name">Its name.</param>
public sealed record WorkloadReference(string Kind, string Name)
{
    /// <summary>A pod nobody controls.</summary>
    public static WorkloadReference Unknown { get; } = new("unknown", "unknown");
}
