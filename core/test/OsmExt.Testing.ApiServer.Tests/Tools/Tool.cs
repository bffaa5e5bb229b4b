using System.Diagnostics;
using OsmExt.TestedKubernetes;

namespace OsmExt.Testing.ApiServer.Tests.Tools;

/// <summary>kubectl and helm as they are published, from <c>artifacts/kubernetes-tools</c>.</summary>
internal sealed class Tool : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly string _folder = Directory.CreateTempSubdirectory("osm-tools-").FullName;

    public Tool(ApiServer server, string user = "admin") => File.WriteAllText(Path.Combine(_folder, "kubeconfig"), server.Kubeconfig(user));

    public string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public string In(string name) => Path.Combine(_folder, name);

    public Task<string> Kubectl(params string[] arguments) => Run("kubectl", 0, arguments);

    public Task<string> Helm(params string[] arguments) => Run("helm", 0, arguments);

    public Task<string> Fails(string program, params string[] arguments) => Run(program, 1, arguments);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> Run(string program, int code, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(KubernetesTools.Directory, program)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["KUBECONFIG"] = Path.Combine(_folder, "kubeconfig");
        start.Environment["HOME"] = _folder;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var late = new CancellationTokenSource(Limit);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(late.Token), process.StandardError.ReadToEndAsync(late.Token));
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        var text = $"{await output}{await errors}";
        Assert.True(process.ExitCode == code, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}");
        return text;
    }
}
