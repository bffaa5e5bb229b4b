using System.Diagnostics;

namespace OsmExt.Chart.Tests.Images;

/// <summary>What can be told of the lane on kind without a Docker engine.</summary>
public class KindTests
{
    private const string Log = """
        bookbuyer starts
        {"ts":1,"app":"bookbuyer","side":"client","method":"GET","url":"http://bookstore.bookstore:14001/books-bought","ms":3,"status":200,"identity":"bookstore-v1"}
        {"ts":2,"app":"bookbuyer","side":"client","method":"GET","url":"http://bookstore.bookstore:14001/buy-a-book/new","ms":3,"status":200,"identity":"bookstore-v2"}
        {"ts":3,"app":"bookbuyer","side":"client","method":"GET","url":"http://bookstore.bookstore:14001/buy-a-book/new","ms":3,"status":200,"identity":"bookstore-v2"}
        {"ts":4,"app":"bookbuyer","side":"client","method":"GET","url":"http://bookstore.bookstore:14001/buy-a-book/new","ms":3,"status":403}
        {"ts":5,"app":"bookbuyer","side":"client","method":"GET","url":"http://bookstore.bookstore:14001/buy-a-book/new","ms":3,"status":0,"error":"refused"}

        """;

    public static TheoryData<string> Shapes => [.. Directory.EnumerateFiles(Checkout.In("kind-config"), "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Configurations_are_clusters(string shape)
    {
        var cluster = YamlText.Objects(File.ReadAllText(Checkout.In($"kind-config/{shape}.yaml"))).Single();
        Assert.Equal(("Cluster", "kind.x-k8s.io/v1alpha4"), (cluster.Kind(), (string?)cluster["apiVersion"]));
        var nodes = cluster["nodes"]!.AsArray();
        Assert.Single(nodes, node => (string?)node!["role"] == "control-plane");
        var zones = nodes.Select(node => (string?)node.At("labels")?["topology.kubernetes.io/zone"]).Where(zone => zone is not null).Distinct().Count();
        Assert.Equal(shape == "three-node-zones" ? 3 : 0, zones);
        Assert.Equal(shape == "dual-stack" ? "dual" : null, (string?)cluster.At("networking.ipFamily"));
    }

    [Theory]
    [InlineData("share bookstore-v2", "67\n")]
    [InlineData("status /buy-a-book", "0 1\n200 2\n403 1\n")]
    [InlineData("failed", "1\n")]
    public async Task Traffic_is_counted(string arguments, string expected) => Assert.Equal(expected, await CountAsync(arguments, Log));

    [Fact]
    public async Task No_traffic_is_no_success() => Assert.Equal("none\n", await CountAsync("failed", "bookbuyer starts\n"));

    [Fact]
    public async Task Where_something_is_missing_it_says_so_and_that_it_has_not_run()
    {
        if (await HasDockerAsync())
        {
            return;
        }

        var run = await Checkout.RunAsync(Checkout.In("build/kind-e2e"));
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains("has not run", run.Errors, StringComparison.Ordinal);
        Assert.Contains("Docker engine", run.Errors, StringComparison.Ordinal);
        Assert.Equal(3, (await Checkout.RunAsync(Checkout.In("build/images/build"), "osmext", "e2e")).ExitCode);
    }

    private static async Task<bool> HasDockerAsync()
    {
        try
        {
            return (await Checkout.RunAsync("docker", "info")).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<string> CountAsync(string arguments, string log)
    {
        var start = new ProcessStartInfo(Checkout.In("build/kind-traffic"), arguments.Split(' ')) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(log);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }
}
