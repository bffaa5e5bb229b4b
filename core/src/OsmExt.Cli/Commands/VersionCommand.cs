using System.CommandLine;
using System.Reflection;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The program's version.</summary>
    public static string Current { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(_ => Console.WriteLine(Current));
        return command;
    }
}
