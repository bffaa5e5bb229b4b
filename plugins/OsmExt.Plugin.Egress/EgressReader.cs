using System.Text.RegularExpressions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Egress;

/// <summary>Reads what Egress objects allow. What cannot be understood allows nothing, and is said.</summary>
internal sealed partial class EgressReader(PluginInput input, List<Diagnostic> findings)
{
    private readonly Dictionary<ResourceKey, RouteGroup> _groups = input.RouteGroups.ToDictionary(group => group.Key);
    private readonly Dictionary<ResourceKey, UpstreamTrafficSetting> _settings = input.Objects.OfType<UpstreamTrafficSetting>().ToDictionary(setting => setting.Key);

    /// <summary>Settings of hosts outside the mesh that no object refers to.</summary>
    public static IEnumerable<Diagnostic> Unused(PluginInput input)
    {
        var used = input.Resources.SelectMany(egress => egress.Spec.As<EgressSpec>()!.Matches.Where(match => match.IsSetting).Select(match => (egress.Metadata.Namespace, match.Name))).ToHashSet();
        return input.Objects.OfType<UpstreamTrafficSetting>()
            .Where(setting => !ServiceName.IsFqdn(setting.Host) && !used.Contains((setting.Metadata.Namespace, setting.Metadata.Name)))
            .Select(setting => new Diagnostic(DiagnosticCodes.MatchesNothing, Severity.Warning, setting.Key, "spec.host",
                $"\"{setting.Host}\" is not the full name of a service, and no Egress refers to this object, so it has no effect",
                $"Write SERVICE.{setting.Metadata.Namespace}.svc.{ServiceName.DnsSuffix}, or refer to it in an Egress"));
    }

    /// <summary>The rules of one object.</summary>
    public IReadOnlyList<Rule> Rules(PluginResource egress)
    {
        var spec = egress.Spec.As<EgressSpec>()!;
        if (spec.Sources.Length == 0)
        {
            Error(egress, DiagnosticCodes.AdmitsNobody, "spec.sources", "It names no source, so it lets nobody out", "Name service accounts");
        }

        var references = References(egress, spec);
        var ranges = Ranges(egress, spec);
        if (references is not var (connections, matches, groups) || ranges is { Length: 0 })
        {
            return [];
        }

        var hosts = spec.Hosts.Select((host, index) => Host(egress, host.ToLowerInvariant(), index)).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        return [.. spec.Ports.SelectMany((port, index) => Port(egress, port, index, hosts).SelectMany<string, Rule>(protocol => protocol switch
        {
            "http" => hosts.Where(host => IsResolvable(egress, host, ranges))
                .Select(host => new HttpRule(egress.Key, port.Number, ranges, connections, host, matches ?? [HttpRouteMatch.Any], groups)),
            "https" => hosts.Select(host => new TlsRule(egress.Key, port.Number, ranges, connections, host)),
            _ => [new TcpRule(egress.Key, port.Number, ranges, connections, protocol == "tcp-server-first")],
        }))];
    }

    // The protocol, if it can be carried out.
    private IEnumerable<string> Port(PluginResource egress, EgressPort port, int index, string[] hosts)
    {
        var protocol = port.Protocol.ToLowerInvariant();
        if (protocol is not ("http" or "https" or "tcp" or "tcp-server-first"))
        {
            Error(egress, DiagnosticCodes.InvalidPolicy, $"spec.ports[{index}].protocol", $"There is no protocol \"{port.Protocol}\", so port {port.Number} stays closed",
                "Use http, https, tcp or tcp-server-first");
            return [];
        }

        if (protocol is "http" or "https" && hosts.Length == 0)
        {
            Error(egress, DiagnosticCodes.AdmitsNobody, "spec.hosts", $"It names no usable host, so port {port.Number} lets no {protocol} out",
                protocol == "https" ? "Name the servers that TLS asks for, or use tcp with ipAddresses" : "Name the hosts");
            return [];
        }

        return [protocol];
    }

    private AddressRange[]? Ranges(PluginResource egress, EgressSpec spec)
    {
        if (spec.IpAddresses is not { } written)
        {
            return null;
        }

        var ranges = new List<AddressRange>();
        for (var index = 0; index < written.Length; index++)
        {
            if (AddressRange.Parse(written[index]) is { } range)
            {
                ranges.Add(range);
            }
            else
            {
                Error(egress, DiagnosticCodes.InvalidPolicy, $"spec.ipAddresses[{index}]", $"\"{written[index]}\" is no range of addresses, so it allows none", "Write it like 203.0.113.0/24; one address is a range of /32");
            }
        }

        if (ranges.Count == 0)
        {
            Error(egress, DiagnosticCodes.AdmitsNobody, "spec.ipAddresses", "It names no range of addresses, so it lets nobody out", "Name ranges, or leave the field out for any address");
        }

        return [.. ranges.Distinct()];
    }

    private (Connections Connections, HttpRouteMatch[]? Matches, ResourceKey[] Groups)? References(PluginResource egress, EgressSpec spec)
    {
        var connections = Connections.Default;
        for (var index = 0; index < spec.Matches.Length; index++)
        {
            var match = spec.Matches[index];
            var field = $"spec.matches[{index}]";
            if (!match.IsRoutes && !match.IsSetting)
            {
                Error(egress, DiagnosticCodes.InvalidPolicy, field, $"It cannot refer to a {match.Kind} of {match.ApiGroup}, so the whole object lets nobody out",
                    "Refer to a HTTPRouteGroup of specs.smi-spec.io/v1alpha4 or a UpstreamTrafficSetting of policy.openservicemesh.io/v1alpha1");
                return null;
            }

            if (match.IsSetting && connections.Origin is not null)
            {
                Error(egress, DiagnosticCodes.InvalidPolicy, field, "It refers to a second UpstreamTrafficSetting, so the whole object lets nobody out", "Keep one of them");
                return null;
            }

            if (match.IsSetting)
            {
                var key = new ResourceKey(nameof(UpstreamTrafficSetting), egress.Metadata.Namespace, match.Name);
                if (!_settings.TryGetValue(key, out var setting))
                {
                    Error(egress, DiagnosticCodes.DanglingReference, $"{field}.name", $"There is no {key}, so the whole object lets nobody out", "Create it, or remove the reference");
                    return null;
                }

                connections = new(key, setting.Settings.Connections);
            }
        }

        var groups = spec.Matches.Select((match, index) => (match, index)).Where(entry => entry.match.IsRoutes).ToArray();
        RouteGroup[] found = [.. groups.Select(entry => Group(egress, entry.match, entry.index)).OfType<RouteGroup>()];
        return (connections, groups.Length == 0 ? null : [.. found.SelectMany(group => group.Matches).Distinct()], [.. found.Select(group => group.Key)]);
    }

    private RouteGroup? Group(PluginResource egress, EgressMatch match, int index)
    {
        var key = new ResourceKey("HTTPRouteGroup", egress.Metadata.Namespace, match.Name);
        if (_groups.TryGetValue(key, out var group))
        {
            return group;
        }

        Error(egress, DiagnosticCodes.DanglingReference, $"spec.matches[{index}].name", $"There is no {key}, so it lets no request out", "Create it, or correct its name");
        return null;
    }

    private string? Host(PluginResource egress, string host, int index)
    {
        if (HostName().IsMatch(host))
        {
            return host;
        }

        Error(egress, DiagnosticCodes.InvalidPolicy, $"spec.hosts[{index}]", $"\"{host}\" is no host name, so it is left out", "Write a host name without port, like api.example.com or *.example.com");
        return null;
    }

    // Whoever may use any name under a star could call anything by it, so the addresses have to be said.
    private bool IsResolvable(PluginResource egress, string host, AddressRange[]? ranges)
    {
        if (!host.StartsWith('*') || ranges is not null)
        {
            return true;
        }

        Error(egress, DiagnosticCodes.InvalidPolicy, "spec.hosts", $"\"{host}\" stands for names that nobody can look up, so it lets no HTTP out", "Write the names in full, or say in ipAddresses which addresses may be called by them");
        return false;
    }

    private void Error(PluginResource egress, string code, string field, string message, string advice)
        => findings.Add(new(code, Severity.Error, egress.Key, field, message, advice));

    [GeneratedRegex(@"^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex HostName();
}
