using OsmExt.Cli.Local;
using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.Cli.Tests;

/// <summary>What a local mesh is made of on which machine, and what is said about it.</summary>
public class DataPlaneWishTests
{
    private const string NoRoot = "Network namespaces and their rules need root. Run it with sudo.";
    private static readonly EnvoySearchResult Found = new("/opt/envoy", "1.40.0", []);
    private static readonly EnvoySearchResult NotFound = new(null, "", [new("PATH", "no 'envoy' in it")]);

    [Theory]
    [InlineData("auto", "auto", true, true, "envoy", "namespaces", "Envoy 1.40.0 at /opt/envoy", "this machine allows them")]
    [InlineData("auto", "auto", false, true, "embedded", "namespaces", "no Envoy was found", "this machine allows them")]
    [InlineData("auto", "auto", true, false, "embedded", "loopback", "Envoys need network namespaces", "Network namespaces and their rules need root. Run it with sudo")]
    [InlineData("auto", "loopback", true, true, "embedded", "loopback", "Envoys need network namespaces", "as asked")]
    [InlineData("embedded", "auto", true, true, "embedded", "namespaces", "as asked", "this machine allows them")]
    [InlineData("embedded", "auto", true, false, "embedded", "loopback", "as asked", "Network namespaces and their rules need root. Run it with sudo")]
    [InlineData("envoy", "auto", true, true, "envoy", "namespaces", "as asked, Envoy 1.40.0 at /opt/envoy", "this machine allows them")]
    public void The_best_that_the_machine_has_is_taken_and_said(
        string dataPlane, string network, bool hasEnvoy, bool isRoot, string taken, string on, string whyDataPlane, string whyNetwork)
    {
        var choice = new DataPlaneWish(dataPlane, network).Choose(hasEnvoy ? Found : NotFound, isRoot ? [] : [NoRoot], []);

        Assert.Empty(choice.Missing);
        Assert.Equal((taken, on, whyDataPlane, whyNetwork), (choice.DataPlane, choice.Network, choice.WhyDataPlane, choice.WhyNetwork));
        Assert.Equal(
            $"Data plane: {taken} ({whyDataPlane})\nNetwork: {(on == "loopback" ? "loopback addresses" : "network namespaces")} ({whyNetwork})", choice.ToString());
    }

    [Theory]
    [InlineData("envoy", "auto", true, false, NoRoot)]
    [InlineData("envoy", "auto", false, true, "take --data-plane embedded")]
    [InlineData("envoy", "loopback", true, true, "Envoys need network namespaces")]
    [InlineData("embedded", "namespaces", true, false, NoRoot)]
    [InlineData("auto", "namespaces", false, false, NoRoot)]
    public void What_was_asked_for_is_not_replaced_and_what_it_lacks_is_said(string dataPlane, string network, bool hasEnvoy, bool isRoot, string lacks)
    {
        var choice = new DataPlaneWish(dataPlane, network).Choose(hasEnvoy ? Found : NotFound, isRoot ? [] : [NoRoot], []);

        Assert.Contains(lacks, LocalCheck.Explain(choice), StringComparison.Ordinal);
        Assert.StartsWith("osm: this machine cannot run a local mesh", LocalCheck.Explain(choice), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local up --config x --images y --data-plane fast", "'embedded'")]
    [InlineData("local check --network host", "'loopback'")]
    public async Task A_wrong_choice_names_the_right_ones(string arguments, string advice)
    {
        var run = await Osm.RunAsync(arguments.Split(' '));

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(advice, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_applied_to_a_mesh_that_does_not_run()
    {
        var run = await Osm.RunAsync("local", "apply", AppContext.BaseDirectory, "--name", "nobody-has-started-me");

        Assert.Equal((1, "osm: no local mesh named nobody-has-started-me is running; start one with osm local up\n"), (run.ExitCode, run.Errors));
    }
}
