using System.Text.RegularExpressions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Processes;

/// <summary>The program that stands in for a container: an image is a directory of its name with an executable of its name.</summary>
/// <param name="Executable">Absolute path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Directory">Where it starts.</param>
internal sealed partial record ContainerProgram(string Executable, EquatableArray<string> Arguments, string Directory)
{
    /// <summary>
    /// Finds the program as a container runtime would: the command when there is one, else the image's own. An absolute path in
    /// a command means inside the image first, then this machine; a bare name is looked up in the image, then in the PATH.
    /// </summary>
    /// <returns>The program; or null and why not.</returns>
    public static (ContainerProgram? Program, string Reason) Find(Container container, string imagesDirectory, string searchPath)
    {
        var name = ImageName(container.Image);
        var image = Path.GetFullPath(Path.Join(imagesDirectory, name));
        var words = container.Command.Concat(container.Arguments).Select(word => Expand(word, name => container.Environment[name])).ToArray();
        if (container.Command.IsEmpty)
        {
            var own = Command.ProgramAt(Path.Join(image, name));
            return name.Length > 0 && Command.IsExecutable(own)
                ? (new(own, words.ToEquatableArray(), image), "")
                : (null, $"image '{container.Image}' has no executable '{own}'");
        }

        if (Locate(words[0], image, searchPath) is not { } found)
        {
            return (null, $"command '{words[0]}' is neither in '{image}' nor on this machine");
        }

        return (new(found, words.Skip(1).ToEquatableArray(), System.IO.Directory.Exists(image) && name.Length > 0 ? image : "/"), "");
    }

    /// <summary>The last segment of an image's path, without tag and digest.</summary>
    public static string ImageName(string image)
    {
        var name = image.Split('@')[0];
        name = name[(name.LastIndexOf('/') + 1)..].Split(':')[0];
        return name is "." or ".." ? "" : name;
    }

    /// <summary>Kubernetes' own substitution: <c>$(NAME)</c> is a variable, <c>$$(NAME)</c> the text itself, unknown ones stay.</summary>
    public static string Expand(string word, Func<string, string?> variable) => VariablePattern().Replace(word, match =>
        match.Groups["escaped"].Success ? match.Value[1..] : variable(match.Groups["name"].Value) ?? match.Value);

    private static string? Locate(string command, string image, string searchPath)
    {
        var inside = Command.ProgramAt(Path.GetFullPath(Path.Join(image, command)));
        if (inside.StartsWith(image + Path.DirectorySeparatorChar, StringComparison.Ordinal) && Command.IsExecutable(inside))
        {
            return inside;
        }

        if (Path.IsPathRooted(command))
        {
            return Command.IsExecutable(command) ? command : null;
        }

        return command.Contains('/', StringComparison.Ordinal) ? null : Command.Find(command, searchPath);
    }

    [GeneratedRegex(@"(?<escaped>\$)?\$\((?<name>[-._a-zA-Z][-._a-zA-Z0-9]*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex VariablePattern();
}
