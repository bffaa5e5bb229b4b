using OsmExt.TestedKubernetes;

namespace OsmExt.E2E.Cluster;

/// <summary>kubectl and helm as they are published, on one cluster.</summary>
internal sealed class ClusterTools(string kubeconfig, string home)
{
    private static readonly string Kubectl = Path.Join(KubernetesTools.Directory, "kubectl");
    private static readonly string Helm = Path.Join(KubernetesTools.Directory, "helm");

    /// <summary>Runs kubectl, which has to succeed.</summary>
    public async Task<string> KubectlAsync(params string[] arguments) => Good(await TryKubectlAsync(arguments), "kubectl", arguments);

    public Task<ShellResult> TryKubectlAsync(params string[] arguments) => RunAsync(Kubectl, [$"--kubeconfig={kubeconfig}", $"--cache-dir={home}/kube", .. arguments]);

    /// <summary>Creates or changes objects.</summary>
    public async Task<string> ApplyAsync(string manifests)
        => Good(await RunAsync(Kubectl, [$"--kubeconfig={kubeconfig}", $"--cache-dir={home}/kube", "apply", "-f", "-"], manifests), "kubectl", ["apply"]);

    /// <summary>Runs helm, which has to succeed.</summary>
    public async Task<string> HelmAsync(params string[] arguments) => Good(await RunAsync(Helm, [.. arguments, $"--kubeconfig={kubeconfig}"]), "helm", arguments);

    /// <summary>Runs the program's own commands on the cluster.</summary>
    public async Task<string> OsmAsync(params string[] arguments) => Good(await RunAsync(Checkout.Osm, [.. arguments, $"--kubeconfig={kubeconfig}"]), "osm", arguments);

    // Nobody's home is read or written.
    private Task<ShellResult> RunAsync(string program, string[] arguments, string input = "")
        => Shell.RunAsync("env", [$"HOME={home}", $"PATH={KubernetesTools.Directory}:{Environment.GetEnvironmentVariable("PATH")}", program, .. arguments], input, seconds: 240);

    private static string Good(ShellResult result, string program, string[] arguments)
    {
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
