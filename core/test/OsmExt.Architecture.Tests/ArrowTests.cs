namespace OsmExt.Architecture.Tests;

/// <summary>Who may reference whom. The table is core/docs/architecture.md's; a project that is not in it may reference nothing.</summary>
public class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["OsmExt.Sdk"] = [],
        ["OsmExt.Envoy.Protos"] = [],
        ["OsmExt.Yaml"] = [],
        ["OsmExt.Envoy"] = ["OsmExt.Envoy.Protos", "OsmExt.Yaml"],
        ["OsmExt.Identity"] = ["OsmExt.Sdk"],
        ["OsmExt.Interception"] = ["OsmExt.Sdk"],
        ["OsmExt.Kubernetes"] = ["OsmExt.Sdk", "OsmExt.Yaml", "OsmExt.Interception"],
        ["OsmExt.Compiler"] = ["OsmExt.Sdk", "OsmExt.Envoy"],
        ["OsmExt.Xds"] = ["OsmExt.Envoy"],
        ["OsmExt.LocalRuntime"] = ["OsmExt.Sdk", "OsmExt.DataPlane", "OsmExt.Interception"],
        ["OsmExt.Simulation"] = ["OsmExt.Envoy"],
        ["OsmExt.DataPlane"] = ["OsmExt.Envoy", "OsmExt.Simulation"],
        ["OsmExt.PluginHost"] = ["OsmExt.Sdk", "OsmExt.Envoy", "OsmExt.Compiler"],
        ["OsmExt.Testing"] = ["OsmExt.Compiler", "OsmExt.PluginHost", "OsmExt.Xds", "OsmExt.Kubernetes", "OsmExt.Simulation"],
        ["OsmExt.Testing.Hosting"] = ["OsmExt.Testing", "OsmExt.ControlPlane", "OsmExt.DataPlane", "OsmExt.LocalRuntime"],
        // It judges by the schemas and rules that plugins' kinds are judged by.
        ["OsmExt.Testing.ApiServer"] = ["OsmExt.PluginHost", "OsmExt.Yaml"],
        ["OsmExt.ControlPlane"] = ["OsmExt.Sdk", "OsmExt.Envoy", "OsmExt.Compiler", "OsmExt.Xds", "OsmExt.Identity", "OsmExt.Kubernetes", "OsmExt.PluginHost"],
        ["OsmExt.Cli"] = ["OsmExt.Testing.ApiServer", "OsmExt.DataPlane", "OsmExt.Sdk", "OsmExt.Envoy", "OsmExt.Compiler", "OsmExt.Identity", "OsmExt.Kubernetes", "OsmExt.LocalRuntime", "OsmExt.Simulation", "OsmExt.Testing", "OsmExt.ControlPlane", "OsmExt.PluginHost"],
        ["OsmExt.Benchmarks"] = ["OsmExt.Testing", "OsmExt.Testing.ApiServer", "OsmExt.LocalRuntime", "OsmExt.Cli", "OsmExt.Testing.Hosting", "OsmExt.Compiler", "OsmExt.Envoy", "OsmExt.Kubernetes", "OsmExt.Sdk", "OsmExt.Xds", "OsmExt.ControlPlane",
            "OsmExt.Plugin.Egress", "OsmExt.Plugin.ExternalAuth", "OsmExt.Plugin.Ingress.Contour", "OsmExt.Plugin.RateLimit"],
        ["OsmExt.Fleet"] = ["OsmExt.ControlPlane", "OsmExt.Compiler", "OsmExt.Envoy", "OsmExt.Identity", "OsmExt.Sdk", "OsmExt.Xds"],
        ["authorizer"] = ["OsmExt.Envoy.Protos"],
        ["ratelimit"] = ["OsmExt.Envoy.Protos"],
        ["OsmExt.Demo"] = ["OsmExt.LocalRuntime", "OsmExt.DataPlane"],
        ["OsmExt.Node"] = ["OsmExt.LocalRuntime"],
        ["OsmExt.E2E"] = ["OsmExt.Node", "OsmExt.Testing.ApiServer", "OsmExt.LocalRuntime", "OsmExt.Testing", "OsmExt.PluginHost.TestPlugin"],
    };

    public static TheoryData<string> Projects => [.. Repository.Projects.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string name)
    {
        var project = Repository.Projects[name];
        var allowed = name switch
        {
            _ when Allowed.TryGetValue(name, out var listed) => listed,
            _ when name.StartsWith("OsmExt.Plugin.", StringComparison.Ordinal) || name is "OsmExt.PluginHost.TestPlugin" => ["OsmExt.Sdk"],
            _ when name.EndsWith(".Tests", StringComparison.Ordinal) => TestMayReference(name),
            _ when project.Path.StartsWith("e2e/apps/", StringComparison.Ordinal) => [],
            _ => throw new InvalidOperationException($"{project.Path} is not in the table of allowed arrows."),
        };

        Assert.Empty(project.References.Except(allowed, StringComparer.Ordinal));
    }

    [Fact]
    public void The_vocabulary_references_no_package_that_ships()
        => Assert.Empty(Repository.Projects["OsmExt.Sdk"].Packages);

    [Fact]
    public void Versions_are_central()
        => Assert.Empty(Repository.Projects.Values.Where(project => project.VersionedPackages.Count > 0).Select(project => project.Path));

    [Fact]
    public void Of_what_is_installed_only_the_local_mesh_knows_the_test_API_server()
    {
        const string Server = "OsmExt.Testing.ApiServer";
        var installed = Repository.Projects.Where(project => project.Value.Path.StartsWith("core/src/", StringComparison.Ordinal) && project.Key != Server);
        Assert.Equal(["OsmExt.Cli"], installed.Where(project => project.Value.References.Contains(Server)).Select(project => project.Key));

        var program = Path.Combine(Repository.Root, "core", "src", "OsmExt.Cli");
        var knowing = Directory.EnumerateFiles(program, "*.cs", SearchOption.AllDirectories).Where(file => File.ReadAllText(file).Contains($"using {Server}", StringComparison.Ordinal));
        Assert.All(knowing, file => Assert.StartsWith(Path.Combine(program, "Local", "Api") + Path.DirectorySeparatorChar, file, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "OsmExt.sln"));
        Assert.Empty(Repository.Projects.Values.Select(project => project.Path.Replace('/', '\\')).Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void There_are_no_cycles()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Repository.Projects.Keys)
        {
            Visit(name, []);
        }

        void Visit(string name, IReadOnlyList<string> path)
        {
            Assert.DoesNotContain(name, path);
            if (done.Add(name) && Repository.Projects.TryGetValue(name, out var project))
            {
                foreach (var reference in project.References)
                {
                    Visit(reference, [.. path, name]);
                }
            }
        }
    }

    // A test project sees the project it tests, what that one may see, and the test kit; those with real Envoys also what finds one.
    private static string[] TestMayReference(string name)
    {
        var tested = name[..^".Tests".Length];
        // Where plugins are loaded, some plugin has to be there to load.
        string[] plugin = name switch
        {
            "OsmExt.PluginHost.Tests" or "OsmExt.Testing.Tests" or "OsmExt.ControlPlane.Tests" => ["OsmExt.PluginHost.TestPlugin"],
            // The whole control plane, which the data plane itself knows nothing of.
            "OsmExt.DataPlane.Tests" => ["OsmExt.ControlPlane", "OsmExt.Identity", .. Repository.Projects.Keys.Where(other => other.StartsWith("OsmExt.Plugin.", StringComparison.Ordinal))],
            "OsmExt.Cli.Tests" => ["OsmExt.Plugin.Ingress.Contour"],
            // Written as people outside this repository would write them.
            "Shop.Policies.Tests" or "Hello.Plugin.Tests" => ["OsmExt.Testing.Hosting"],
            "OsmExt.Chart.Tests" => ["OsmExt.Cli", "OsmExt.Testing.ApiServer", .. Repository.Projects.Keys.Where(other => other.StartsWith("OsmExt.Plugin.", StringComparison.Ordinal))],
            "OsmExt.Plugins.Tests" => [.. Repository.Projects.Keys.Where(other => other.StartsWith("OsmExt.Plugin.", StringComparison.Ordinal))],
            _ => [],
        };
        string[] cluster = name is "OsmExt.Kubernetes.Tests" or "OsmExt.ControlPlane.Tests" ? ["OsmExt.Testing.ApiServer"] : [];
        string[] finder = name is "OsmExt.Xds.Tests" or "OsmExt.Simulation.Tests" or "OsmExt.DataPlane.Tests" ? ["OsmExt.LocalRuntime"] : [];
        return [tested, "OsmExt.Testing", .. Allowed.GetValueOrDefault(tested, []), .. Allowed["OsmExt.Testing"], .. finder, .. cluster, .. plugin];
    }
}
