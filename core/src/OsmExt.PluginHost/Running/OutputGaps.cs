using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>Finds null where a plugin's code has to say something. Everything behind the call may then count on what the types promise.</summary>
internal static class OutputGaps
{
    private const string Without = "it answered with";

    /// <summary>The first of it in words; null when there is none.</summary>
    public static string? Of(PluginOutput output)
        => output.Contributions.Any(item => item is not { Slot: not null, Target.Labels: not null, Model: not null }) ? $"{Without} a contribution that has no slot, target or model"
            : output.Certificates.Any(item => item is not { Slot: not null, Outside: not null } || !IsWhole(item.Secret) || item.ServiceAccount is { } account && !IsWhole(account) || item.DnsNames.Contains(null!))
                ? $"{Without} a request for a certificate that has no slot, Secret or name"
            : output.Diagnostics.Any(item => item is not { Code: not null, Field: not null, Message: not null, Advice: not null }) ? $"{Without} a finding that says nothing"
            : output.Conditions.Contains(null!) ? $"{Without} a condition that is null"
            : null;

    /// <summary>The same of what it says against an object.</summary>
    public static string? Of(EquatableArray<Refusal> refusals)
        => refusals.Any(item => item is not { Field: not null, Message: not null, Advice: not null }) ? $"{Without} a refusal that says nothing" : null;

    private static bool IsWhole(ObjectName? name) => name is { Namespace: not null, Name: not null };
}
