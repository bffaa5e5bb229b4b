using System.Diagnostics;
using System.Text;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>One Envoy with nothing but a way to the xDS server.</summary>
internal sealed class EnvoyProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("osm-envoy-");
    private readonly HttpClient _http = new();
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private EnvoyProcess(string binary, XdsTestServer server, XdsVariant variant, string nodeId, Discovery discovery)
    {
        using (var certificate = server.Pki.Issue(nodeId))
        {
            Write("client.crt", certificate.ExportCertificatePem());
            Write("client.key", certificate.GetECDsaPrivateKeyPem());
            Write("root.crt", server.Pki.Root.ExportCertificatePem());
        }

        Write("bootstrap.json", EnvoyBootstrap.For(server.Address, variant, nodeId, _directory.FullName, discovery).ToJsonString());
        string[] arguments =
        [
            "-c", File("bootstrap.json"), "--admin-address-path", File("admin"), "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning",
        ];
        _process = new() { StartInfo = new(binary, arguments) { RedirectStandardError = true }, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.AppendLine(line.Data);
            }
        };
        _process.Start();
        _process.BeginErrorReadLine();
    }

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static async Task<EnvoyProcess> StartAsync(
        string version, XdsTestServer server, XdsVariant variant, string nodeId, Discovery discovery = Discovery.Aggregated)
    {
        var found = Envoys.Find(version);
        Assert.True(found.Path is not null, found.ToString());
        var envoy = new EnvoyProcess(found.Path, server, variant, nodeId, discovery);
        await Eventually.HoldsAsync(() => envoy._process.HasExited || System.IO.File.Exists(envoy.File("admin")), "Envoy starts");
        Assert.False(envoy._process.HasExited, envoy.Log);
        return envoy;
    }

    /// <summary>Everything Envoy says it has, as one text.</summary>
    public async Task<string> ConfigAsync()
        => await _http.GetStringAsync(new Uri($"http://{await System.IO.File.ReadAllTextAsync(File("admin"))}/config_dump?include_eds"));

    /// <summary>What a listener on this machine answers, or its status if that is no success; null when nobody listens.</summary>
    public async Task<string?> GetAsync(int port, string? host = null, string? cluster = null)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/");
            request.Headers.Host = host;
            if (cluster is not null)
            {
                request.Headers.Add(EnvoyResources.ClusterHeader, cluster);
            }

            using var response = await _http.SendAsync(request);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : $"{(int)response.StatusCode}";
        }
        catch (HttpRequestException refused) when (refused.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _directory.Delete(recursive: true);
    }

    private string File(string name) => Path.Join(_directory.FullName, name);

    private void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);
}
