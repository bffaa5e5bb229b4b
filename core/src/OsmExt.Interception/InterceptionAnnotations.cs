using System.Globalization;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Interception;

/// <summary>
/// Reads a pod's interception annotations and joins them with the mesh's own lists: ports of the mesh first, ranges of the pod
/// first, repeats dropped. A list that cannot be read is an error; the pod must then not start, since guessing would either
/// cut it off or let traffic around the sidecar.
/// </summary>
internal static class InterceptionAnnotations
{
    public const string OutboundPorts = "openservicemesh.io/outbound-port-exclusion-list";
    public const string InboundPorts = "openservicemesh.io/inbound-port-exclusion-list";
    public const string OutboundRanges = "openservicemesh.io/outbound-ip-range-exclusion-list";
    public const string OutboundInclusions = "openservicemesh.io/outbound-ip-range-inclusion-list";

    public static InterceptionOptions Read(Pod pod, InterceptionOptions mesh, ICollection<Diagnostic> diagnostics) => mesh with
    {
        OutboundPortExclusions = Join(mesh.OutboundPortExclusions, Ports(pod, OutboundPorts, diagnostics)),
        InboundPortExclusions = Join(mesh.InboundPortExclusions, Ports(pod, InboundPorts, diagnostics)),
        OutboundRangeExclusions = Join(Ranges(pod, OutboundRanges, diagnostics), mesh.OutboundRangeExclusions),
        OutboundRangeInclusions = Join(Ranges(pod, OutboundInclusions, diagnostics), mesh.OutboundRangeInclusions),
    };

    private static List<int> Ports(Pod pod, string annotation, ICollection<Diagnostic> diagnostics)
    {
        var ports = new List<int>();
        foreach (var item in Items(pod, annotation))
        {
            if (int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue)
            {
                ports.Add(port);
            }
            else
            {
                diagnostics.Add(Invalid(pod, annotation, item, "a port", "Write port numbers from 1 to 65535, separated by commas"));
            }
        }

        return ports;
    }

    private static List<string> Ranges(Pod pod, string annotation, ICollection<Diagnostic> diagnostics)
    {
        var ranges = new List<string>();
        foreach (var item in Items(pod, annotation))
        {
            if (AddressRange.TryParse(item, out var range))
            {
                ranges.Add(range.ToString());
            }
            else
            {
                diagnostics.Add(Invalid(pod, annotation, item, "a CIDR block", "Write blocks such as 10.0.0.0/8, separated by commas"));
            }
        }

        return ranges;
    }

    private static string[] Items(Pod pod, string annotation)
        => pod.Metadata.Annotations[annotation]?.Split(',', StringSplitOptions.TrimEntries) ?? [];

    private static EquatableArray<T> Join<T>(IEnumerable<T> first, IEnumerable<T> second) => first.Concat(second).Distinct().ToEquatableArray();

    private static Diagnostic Invalid(Pod pod, string annotation, string item, string expected, string advice) => new(
        DiagnosticCodes.InvalidValue, Severity.Error, pod.Key, $"metadata.annotations[{annotation}]",
        $"'{item}' is not {expected}; the pod is not started", advice);
}
