using System.Globalization;
using System.Net;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Ingress.Contour;

/// <summary>From where connections may come; what cannot be found out lets nobody in.</summary>
/// <param name="Ranges">Ranges of addresses, as Envoy writes them; null where the object restricts none.</param>
/// <param name="Principals">Names in a gateway's certificate.</param>
internal sealed record Sources(object[]? Ranges, string[] Principals)
{
    /// <summary>The ranges, as people write them.</summary>
    public string[]? Texts { get; init; }
}

/// <summary>Reads the sources of IngressBackends.</summary>
internal sealed class SourceReader(PluginInput input, List<Diagnostic> findings)
{
    private readonly ILookup<(string, string), EndpointSlice> _slices = input.Objects.OfType<EndpointSlice>().ToLookup(slice => (slice.Metadata.Namespace, slice.ServiceName));

    public Sources Of(PluginResource ingress, IngressBackendSpec spec)
    {
        var ranges = new SortedSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < spec.Sources.Length; index++)
        {
            var source = spec.Sources[index];
            ranges.UnionWith(source.Kind switch
            {
                "Service" => Endpoints(ingress, source, $"spec.sources[{index}]"),
                "IPRange" => Range(ingress, source.Name, $"spec.sources[{index}].name"),
                _ => [],
            });
        }

        var isRestricted = spec.Sources.Any(source => source.Kind != "AuthenticatedPrincipal");
        return new(
            isRestricted ? [.. ranges.Select(Envoy)] : null,
            [.. spec.Sources.Where(source => source.Kind == "AuthenticatedPrincipal").Select(source => source.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)])
        {
            Texts = isRestricted ? [.. ranges] : null,
        };
    }

    // Also those that are not ready: a gateway that is going still forwards what it has taken.
    private IEnumerable<string> Endpoints(PluginResource ingress, IngressSource source, string field)
    {
        if (source.Namespace.Length == 0)
        {
            findings.Add(new(DiagnosticCodes.InvalidPolicy, Severity.Error, ingress.Key, $"{field}.namespace", $"It does not say which namespace the Service {source.Name} is in, so it lets nobody in", "Write the namespace"));
            return [];
        }

        var slices = _slices[(source.Namespace, source.Name)].ToArray();
        var current = slices.Any(slice => !slice.IsLegacy) ? slices.Where(slice => !slice.IsLegacy) : slices;
        string[] addresses = [.. current.SelectMany(slice => slice.Subsets).SelectMany(subset => subset.Endpoints).Select(endpoint => endpoint.Address).Where(address => IPAddress.TryParse(address, out _))];
        if (addresses.Length == 0)
        {
            findings.Add(new(DiagnosticCodes.NoEndpoints, Severity.Warning, ingress.Key, field, $"Service {source.Namespace}/{source.Name} has no endpoints, so it lets nobody in",
                "Start the gateway, or correct the name"));
        }

        return addresses.Select(address => string.Create(CultureInfo.InvariantCulture, $"{IPAddress.Parse(address)}/{IPAddress.Parse(address).GetAddressBytes().Length * 8}"));
    }

    private IEnumerable<string> Range(PluginResource ingress, string text, string field)
    {
        if (text.Split('/') is [var start, var bits] && IPAddress.TryParse(start, out var address)
            && int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= address.GetAddressBytes().Length * 8)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"{Masked(address, length)}/{length}")];
        }

        findings.Add(new(DiagnosticCodes.InvalidPolicy, Severity.Error, ingress.Key, field, $"\"{text}\" is no range of addresses, so it lets nobody in", "Write it like 203.0.113.0/24; one address is a range of /32"));
        return [];
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] &= (byte)(0xff << Math.Clamp(((index + 1) * 8) - length, 0, 8));
        }

        return new(bytes);
    }

    private static object Envoy(string range)
        => range.Split('/') is [var start, var length] ? new { addressPrefix = start, prefixLen = int.Parse(length, CultureInfo.InvariantCulture) } : throw new ArgumentException("Not a range.", nameof(range));
}
