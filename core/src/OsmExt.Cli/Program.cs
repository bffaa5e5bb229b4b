using OsmExt.Cli.Commands;

return await OsmCommand.InvokeAsync(args).ConfigureAwait(false);
