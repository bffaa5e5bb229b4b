using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>What a credential plugin gave.</summary>
internal sealed record ExecCredential(string? Token, string? Certificate, string? Key, DateTimeOffset? Ends);

/// <summary>A program that gives credentials, as a kubeconfig's <c>exec</c> describes it. What it says to people goes straight to them.</summary>
internal sealed class ExecPlugin(KubeconfigFields exec, KubeconfigFields cluster, ClusterConnectionOptions options)
{
    private static readonly string[] Versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    /// <summary>Runs it.</summary>
    public async Task<ExecCredential> AskAsync(CancellationToken cancellation)
    {
        var version = exec.RequiredText("apiVersion");
        if (!Versions.Contains(version, StringComparer.Ordinal))
        {
            throw exec.Wrong("apiVersion", $"\"{version}\" is not understood; {string.Join(" and ", Versions)} are");
        }

        var output = await RunAsync(version, IsInteractive(), cancellation).ConfigureAwait(false);
        try
        {
            return Read(JsonNode.Parse(output), version);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            throw exec.Wrong("command", $"printed no ExecCredential: {failure.Message}");
        }
    }

    private bool IsInteractive() => exec.Text("interactiveMode") switch
    {
        "Never" => false,
        "Always" when !options.IsInteractive => throw exec.Wrong("interactiveMode", "is Always, and standard input is no terminal; run this in a terminal, or use another way to log in"),
        null or "IfAvailable" or "Always" => options.IsInteractive,
        var other => throw exec.Wrong("interactiveMode", $"\"{other}\" must be Never, IfAvailable or Always"),
    };

    private async Task<string> RunAsync(string version, bool interactive, CancellationToken cancellation)
    {
        var command = exec.RequiredText("command");
        // A bare name is looked for on PATH; anything else is relative to the file that names it.
        var start = new ProcessStartInfo(command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.GetFullPath(command, exec.Directory) : command, exec.Texts("args"))
        {
            RedirectStandardOutput = true, RedirectStandardInput = !interactive,
        };
        foreach (var variable in exec.Sections("env"))
        {
            start.Environment[variable.RequiredText("name")] = variable.Text("value") ?? "";
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = Request(version, interactive).ToJsonString();
        try
        {
            using var process = Process.Start(start)!;
            if (!interactive)
            {
                process.StandardInput.Close();
            }

            try
            {
                var output = await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
                return process.ExitCode == 0 ? output
                    : throw exec.Wrong("command", $"{command} failed with exit code {process.ExitCode}; what it says is above. Log in again as your provider's documentation says");
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
        catch (Win32Exception failure)
        {
            throw exec.Wrong("command", $"{command} cannot be run: {failure.Message}{(exec.Text("installHint") is { } hint ? $". {hint.Trim()}" : "; install it, or put it on PATH")}");
        }
    }

    private JsonObject Request(string version, bool interactive)
    {
        var spec = new JsonObject { ["interactive"] = interactive };
        if (exec.Flag("provideClusterInfo"))
        {
            spec["cluster"] = new JsonObject
            {
                ["server"] = cluster.RequiredText("server"),
                ["tls-server-name"] = cluster.Text("tls-server-name"),
                ["insecure-skip-tls-verify"] = cluster.Flag("insecure-skip-tls-verify"),
                ["certificate-authority-data"] = cluster.Pem("certificate-authority") is { } pem ? Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)) : null,
                ["proxy-url"] = cluster.Text("proxy-url"),
            };
        }

        return new() { ["apiVersion"] = version, ["kind"] = "ExecCredential", ["spec"] = spec };
    }

    private ExecCredential Read(JsonNode? answer, string version)
    {
        if ((string?)answer?["kind"] != "ExecCredential" || (string?)answer["apiVersion"] != version)
        {
            throw exec.Wrong("command", $"must print an ExecCredential of {version}, and printed {(string?)answer?["kind"] ?? "something"} of {(string?)answer?["apiVersion"] ?? "no version"}");
        }

        var status = answer["status"];
        var credential = new ExecCredential(
            (string?)status?["token"], (string?)status?["clientCertificateData"], (string?)status?["clientKeyData"],
            (string?)status?["expirationTimestamp"] is { } ends ? DateTimeOffset.Parse(ends, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null);
        return credential is { Token: null, Certificate: null } || credential.Certificate is null != credential.Key is null
            ? throw exec.Wrong("command", "gave neither a token nor a client certificate with its key") : credential;
    }
}
