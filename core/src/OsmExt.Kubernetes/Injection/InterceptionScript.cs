using System.Net.Sockets;
using OsmExt.Interception;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Injection;

/// <summary>
/// What the init container does. The script is the same for all pods and reads the rules from its environment, so nothing that anybody
/// configures is ever part of a text that a shell reads.
/// </summary>
internal static class InterceptionScript
{
    public const string IPv4Rules = "OSM_RULES_IPV4";
    public const string IPv6Rules = "OSM_RULES_IPV6";
    public const string PodAddresses = "POD_IPS";

    // Stands in the rules for an address that only the node knows.
    private const string Placeholder = "POD_ADDRESS";

    public const string Text = """
        set -eu
        v4= v6= IFS=,
        for address in $POD_IPS; do
          case "$address" in *:*) v6=$address ;; *) v4=$address ;; esac
        done
        if [ -z "$v4$v6" ]; then echo 'The pod has no address yet.' >&2; exit 1; fi
        if [ -n "$v4" ]; then printf '%s' "$OSM_RULES_IPV4" | sed "s/POD_ADDRESS/$v4/" | iptables-restore --noflush; fi
        if [ -n "$v6" ]; then printf '%s' "$OSM_RULES_IPV6" | sed "s/POD_ADDRESS/$v6/" | ip6tables-restore --noflush; fi

        """;

    /// <summary>What the mesh's settings say of all pods.</summary>
    public static InterceptionOptions Of(SidecarSettings sidecar) => new()
    {
        OutboundPortExclusions = sidecar.OutboundPortExclusions,
        InboundPortExclusions = sidecar.InboundPortExclusions,
        OutboundRangeExclusions = sidecar.OutboundRangeExclusions,
        OutboundRangeInclusions = sidecar.OutboundRangeInclusions,
        InterfaceExclusions = sidecar.InterfaceExclusions,
    };

    /// <summary>The rules of a pod for both families.</summary>
    public static (string IPv4, string IPv6) Rules(PodObject pod, SidecarSettings sidecar, ICollection<Diagnostic> errors)
    {
        var annotated = new Pod(new(pod.Key.Namespace, pod.Key.Name) { Annotations = pod.Annotations });
        var found = new List<Diagnostic>();
        var options = InterceptionAnnotations.Read(annotated, Of(sidecar), found);
        foreach (var error in found)
        {
            errors.Add(error with { Object = pod.Key, Field = $"{pod.Place}{error.Field}" });
        }

        var address = sidecar.ReachByPodAddress ? Placeholder : null;
        return (InterceptionRules.For(options, AddressFamily.InterNetwork, address), InterceptionRules.For(options, AddressFamily.InterNetworkV6, address));
    }
}
