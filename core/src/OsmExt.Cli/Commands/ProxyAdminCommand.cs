using System.CommandLine;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm proxy get</c> and <c>osm proxy set</c>: the admin endpoint of a sidecar's Envoy.</summary>
internal static class ProxyAdminCommand
{
    /// <summary><c>osm proxy get</c>.</summary>
    public static Command CreateGet() => Create("get", HttpMethod.Get,
        "Print what a sidecar's Envoy answers to a query of its admin endpoint: config_dump, clusters, listeners, stats, certs, ready and others. Exit code 1 when Envoy answers an error.",
        "What to ask, with parameters if any: config_dump?include_eds.");

    /// <summary><c>osm proxy set</c>.</summary>
    public static Command CreateSet() => Create("set", HttpMethod.Post,
        "Change something in a sidecar's Envoy by its admin endpoint: logging?level=debug, reset_counters and others. Exit code 1 when Envoy answers an error.",
        "What to change, with parameters if any: logging?level=debug.");

    private static Command Create(string name, HttpMethod method, string description, string queryDescription)
    {
        var query = new Argument<string>("QUERY") { Description = queryDescription };
        var file = new Option<string?>("--file", "-f") { Description = "File to write the answer to. Default: standard output.", HelpName = "FILE" };
        var (mesh, pod) = (new MeshAddress(), new PodNameArgument());
        var command = new Command(name, description) { query, file };
        pod.AddTo(command);
        mesh.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            using var running = await mesh.OpenSidecarsAsync(parsed, cancellation).ConfigureAwait(false);
            using var admin = await running.AdminAsync(pod.Read(parsed), cancellation).ConfigureAwait(false);
            using var request = new HttpRequestMessage(method, new Uri($"/{parsed.GetRequiredValue(query).TrimStart('/')}", UriKind.Relative));
            using var answer = await admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                var reason = (await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Trim();
                throw new CommandException($"the Envoy of {pod.Read(parsed)} answers {(int)answer.StatusCode}{(reason.Length == 0 ? "" : $": {reason}")}");
            }

            await WriteAsync(answer.Content, parsed.GetValue(file), cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        }, () => $"the admin endpoint of {parsed.GetValue<string>("POD")}"));
        return command;
    }

    private static async Task WriteAsync(HttpContent content, string? file, CancellationToken cancellation)
    {
        try
        {
            await using var target = file is null ? Console.OpenStandardOutput() : File.Create(file);
            await content.CopyToAsync(target, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (file is not null && failure is UnauthorizedAccessException or DirectoryNotFoundException)
        {
            throw new CommandException($"{file} cannot be written: {failure.Message}", ExitCode.UnusableInput);
        }
    }
}
